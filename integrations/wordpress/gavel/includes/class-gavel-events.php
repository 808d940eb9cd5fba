<?php
/**
 * Hears Gavel's decisions: by signed webhook, and by the feed, which misses nothing.
 *
 * @package Gavel
 */

defined( 'ABSPATH' ) || exit;

/** An event that comes twice, late or out of order changes nothing, since each names the comment's version. */
final class Gavel_Events {

	const CRON     = 'gavel_cron';
	const SCHEDULE = 'gavel_every_minute';
	const LATEST_S = 300;
	const BUDGET_S = 25; // Of one run of cron.
	const TYPES    = array( 'comment.published', 'comment.flagged', 'comment.rejected', 'comment.edited', 'comment.withdrawn', 'comment.featured', 'comment.unfeatured' );

	/** Adds the hooks. */
	public static function register(): void {
		add_action( 'rest_api_init', array( self::class, 'add_route' ) );
		add_filter( 'cron_schedules', array( self::class, 'add_schedule' ) ); // phpcs:ignore WordPress.WP.CronInterval.CronSchedulesInterval -- decisions shall not wait longer.
		add_action( 'init', array( self::class, 'schedule' ) );
		add_action( self::CRON, array( self::class, 'run' ) );
	}

	/** The webhook's address. */
	public static function add_route(): void {
		register_rest_route(
			'gavel/v1',
			'/events',
			array(
				'methods'             => 'POST',
				'callback'            => array( self::class, 'receive' ),
				'permission_callback' => array( self::class, 'is_signed' ),
			)
		);
	}

	/**
	 * Each minute.
	 *
	 * @param array<string, array<string, mixed>> $schedules Of WordPress.
	 * @return array<string, array<string, mixed>>
	 */
	public static function add_schedule( $schedules ) {
		$schedules[ self::SCHEDULE ] = array(
			'interval' => MINUTE_IN_SECONDS,
			'display'  => __( 'Each minute, for Gavel', 'gavel' ),
		);
		return $schedules;
	}

	/** Plans the cron job, once: at first, and when the plugin is on again. */
	public static function schedule(): void {
		if ( Gavel_Settings::is_on() && ! wp_next_scheduled( self::CRON ) ) {
			wp_schedule_event( time(), self::SCHEDULE, self::CRON );
			Gavel_Import::catch_up();
		}
	}

	/**
	 * When the plugin is switched off.
	 *
	 * @param bool $in_network Whether in all sites of a network.
	 */
	public static function unschedule( $in_network = false ): void {
		if ( ! $in_network ) {
			wp_clear_scheduled_hook( self::CRON );
			return;
		}
		$all = array(
			'fields' => 'ids',
			'number' => 0,
		);
		foreach ( get_sites( $all ) as $site_id ) {
			switch_to_blog( $site_id );
			wp_clear_scheduled_hook( self::CRON );
			restore_current_blog();
		}
	}

	/** Cron: reads the feed, then sends what is due, then goes on with an import. */
	public static function run(): void {
		if ( ! Gavel_Settings::is_on() || Gavel_Client::is_paused() ) {
			return;
		}
		$until   = time() + self::BUDGET_S;
		$was_out = null !== Gavel_Client::outage();
		try {
			Gavel_Connection::ensure();
			self::read_feed( $until );
		} catch ( Gavel_Away $e ) {
			return;
		} catch ( Gavel_Refused $e ) {
			if ( 'cursor-ahead' === $e->kind() ) {
				self::go_back( $e );
			}
		}
		if ( $was_out ) {
			Gavel_Store::hasten();
		}
		Gavel_Sync::settle_all( Gavel_Store::due( 200 ), $until );
		Gavel_Import::advance( $until );
	}

	/**
	 * Whether Gavel sent this, with one of the secrets that are valid, within the last five minutes.
	 *
	 * @param WP_REST_Request $request Of the webhook.
	 * @return true|WP_Error
	 */
	public static function is_signed( WP_REST_Request $request ) {
		$sent_at = (string) $request->get_header( 'webhook_timestamp' );
		if ( ! preg_match( '/^\d{1,12}$/', $sent_at ) || abs( time() - (int) $sent_at ) > self::LATEST_S ) {
			return self::forbidden( __( 'webhook-timestamp: is missing or more than five minutes from now', 'gavel' ) );
		}
		if ( self::has_signature( $request, $sent_at ) || ( Gavel_Connection::renew_secrets() && self::has_signature( $request, $sent_at ) ) ) {
			return true;
		}
		return self::forbidden( __( 'webhook-signature: is not one of Gavel’s', 'gavel' ) );
	}

	/**
	 * Takes one event. Where Gavel must be asked and is away, it shall send the event again.
	 *
	 * @param WP_REST_Request $request Of the webhook.
	 * @return WP_REST_Response|WP_Error
	 */
	public static function receive( WP_REST_Request $request ) {
		$event = json_decode( $request->get_body(), true );
		if ( ! is_array( $event ) || ! is_string( $event['type'] ?? null ) ) {
			return new WP_Error( 'gavel_no_event', __( 'type: is missing', 'gavel' ), array( 'status' => 400 ) );
		}
		try {
			self::take( $event );
		} catch ( Gavel_Away | Gavel_Refused $e ) {
			return new WP_Error( 'gavel_away', $e->getMessage(), array( 'status' => 503 ) );
		}
		return new WP_REST_Response( null, 204 );
	}

	/**
	 * Notes and shows what an event says. Others than those about comments of this site are passed over.
	 *
	 * @param array<string, mixed> $event As the feed or the webhook has it.
	 * @throws Gavel_Away    If a text must be fetched and Gavel is away.
	 * @throws Gavel_Refused If it refuses that.
	 */
	public static function take( array $event ): void {
		$said = $event['data']['comment'] ?? null;
		$name = is_array( $said ) ? (string) ( $said['id'] ?? '' ) : '';
		if ( ! in_array( $event['type'], self::TYPES, true ) || ! preg_match( '/^[1-9]\d{0,18}$/', $name ) ) {
			return;
		}
		$id  = (int) $name;
		$row = Gavel_Store::get( $id );
		if ( ! $row || (int) $said['version'] <= $row->version || Gavel_Store::was_refused( $row ) ) {
			return;
		}
		$decision = $event['data']['decision'] ?? null;
		if ( 'comment.edited' === $event['type'] && '' !== $row->sent && 0 === (int) $row->due_at ) {
			Gavel_Sync::take_text( $row ); // Nothing of ours is under way, so the text was changed elsewhere.
		}
		if ( '' !== $row->wish && 'withdraw' !== $row->wish && 'moderator' === ( $decision['by'] ?? '' ) ) {
			Gavel_Store::drop_wish( $row ); // Somebody at Gavel's desk was faster.
		}
		$is_pick = in_array( $event['type'], array( 'comment.featured', 'comment.unfeatured' ), true );
		$is_newer = Gavel_Store::newer( $id, (int) $said['version'], (string) $said['status'], $is_pick ? null : Gavel_Sync::why( $decision ) );
		if ( $is_newer && Gavel_Sync::apply( $id, $row->status ) ) {
			Gavel_Store::shown( $row, (int) $said['version'], 'waiting' === $said['status'] );
		}
	}

	/**
	 * Reads the feed from where the last reading ended.
	 *
	 * @param int $until A moment in seconds since 1970.
	 * @throws Gavel_Away    If Gavel is away: the page is read again next time.
	 * @throws Gavel_Refused If the cursor is beyond the end.
	 */
	private static function read_feed( int $until ): void {
		do {
			$after = (int) get_option( Gavel_Connection::CURSOR, 0 );
			$page  = Gavel_Client::call( 'GET', "/v1/events?limit=100&after=$after" );
			foreach ( (array) $page['events'] as $event ) {
				self::take( $event );
			}
			update_option( Gavel_Connection::CURSOR, (int) $page['next'], false );
		} while ( count( (array) $page['events'] ) >= 100 && time() < $until );
	}

	/**
	 * Gavel was put back to a backup: goes on from its end, and looks at all comments that are not decided.
	 *
	 * @param Gavel_Refused $e Of the feed.
	 */
	private static function go_back( Gavel_Refused $e ): void {
		update_option( Gavel_Connection::CURSOR, (int) ( $e->problem['current']['sequence'] ?? 0 ), false );
		Gavel_Store::doubt();
	}

	/**
	 * Whether one of the signatures is made with one of the secrets.
	 *
	 * @param WP_REST_Request $request Of the webhook.
	 * @param string          $sent_at Its timestamp.
	 */
	private static function has_signature( WP_REST_Request $request, string $sent_at ): bool {
		$signed = $request->get_header( 'webhook_id' ) . ".$sent_at." . $request->get_body();
		$given  = explode( ' ', (string) $request->get_header( 'webhook_signature' ) );
		foreach ( Gavel_Connection::secrets() as $secret ) {
			// phpcs:ignore WordPress.PHP.DiscouragedPHPFunctions.obfuscation_base64_decode, WordPress.PHP.DiscouragedPHPFunctions.obfuscation_base64_encode -- Standard Webhooks prescribes base64.
			$expected = 'v1,' . base64_encode( hash_hmac( 'sha256', $signed, (string) base64_decode( substr( $secret, strlen( 'whsec_' ) ), true ), true ) );
			foreach ( array_slice( $given, 0, 10 ) as $signature ) {
				if ( hash_equals( $expected, $signature ) ) {
					return true;
				}
			}
		}
		return false;
	}

	/**
	 * The answer to an event that nobody signed.
	 *
	 * @param string $why Names the header.
	 */
	private static function forbidden( string $why ): WP_Error {
		return new WP_Error( 'gavel_not_signed', $why, array( 'status' => 401 ) );
	}
}
