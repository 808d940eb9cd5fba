<?php
/**
 * How this site and Gavel come to know each other.
 *
 * @package Gavel
 */

defined( 'ABSPATH' ) || exit;

/** Gives Gavel the address of the webhook, keeps its secrets, and says whether all is well. */
final class Gavel_Connection {

	const SITE    = 'gavel_site';
	const SECRETS = 'gavel_secrets';
	const CURSOR  = 'gavel_cursor';

	/**
	 * Makes Gavel call this site, if it can, and begins to read the feed from now.
	 *
	 * @return array<string, mixed> The site as Gavel describes it, with `reached`: whether Gavel knows this address.
	 * @throws Gavel_Away    If Gavel does not answer, or the key belongs to another WordPress.
	 * @throws Gavel_Refused If it refuses the call.
	 */
	public static function connect(): array {
		$site = Gavel_Client::call( 'GET', '/v1/site' );
		$hook = self::hook();
		$them = self::other_wordpress( $site );
		if ( null !== $them && ! self::is_known( $site ) ) {
			throw Gavel_Client::away( self::shared( $them ), HOUR_IN_SECONDS );
		}
		self::recognise( $site );
		$why  = null;
		if ( ( $site['webhook_url'] ?? null ) === null ) {
			try {
				$site = Gavel_Client::call( 'PUT', '/v1/site', array( 'webhook_url' => $hook ) );
			} catch ( Gavel_Refused $e ) {
				$why = $e->getMessage(); // Such as an address that Gavel does not call: the feed is read instead.
			}
		}
		self::keep_secret( $site );
		$site['reached'] = ( $site['webhook_url'] ?? null ) === $hook;
		$site['why']     = $why;
		return $site;
	}

	/**
	 * Connects unless that is done. Nothing is sent before.
	 *
	 * @throws Gavel_Away If Gavel does not answer, or this key must not be used here.
	 */
	public static function ensure(): void {
		if ( false !== get_option( self::CURSOR ) && empty( ( (array) get_option( self::SITE, array() ) )['unsure'] ) ) {
			return;
		}
		try {
			self::connect();
		} catch ( Gavel_Refused $e ) {
			throw Gavel_Client::away( $e->getMessage(), 60 );
		}
	}

	/** The settings have changed, so they may lead to another site. */
	public static function doubt(): void {
		update_option( self::SITE, array( 'unsure' => true ) + (array) get_option( self::SITE, array() ), false );
	}

	/**
	 * Whether this WordPress was connected to this site before.
	 *
	 * @param array<string, mixed> $site As Gavel describes it.
	 */
	private static function is_known( array $site ): bool {
		return ( ( (array) get_option( self::SITE, array() ) )['id'] ?? null ) === $site['id'];
	}

	/**
	 * The address of another WordPress that has this site at Gavel, if any is known. Both would give articles, comments
	 * and users the same numbers.
	 *
	 * @param array<string, mixed> $site As Gavel describes it.
	 */
	private static function other_wordpress( array $site ): ?string {
		$called = (string) ( $site['webhook_url'] ?? '' );
		$plain  = fn( string $url ) => (string) preg_replace( '~^https?://~', '', $url );
		return $plain( $called ) !== $plain( self::hook() ) && preg_match( '~[/=]gavel/v1/events$~', rawurldecode( $called ) ) ? $called : null;
	}

	/**
	 * What the people who run the site should do then.
	 *
	 * @param string $them The address.
	 */
	private static function shared( string $them ): string {
		/* translators: %s: an address */
		return sprintf( __( 'This key belongs to another WordPress, which Gavel calls at %s. Each WordPress needs a site and a key of its own.', 'gavel' ), $them );
	}

	/** The address that Gavel calls. */
	public static function hook(): string {
		return rest_url( 'gavel/v1/events' );
	}

	/**
	 * The secrets that may sign events: the newest and the one before.
	 *
	 * @return string[]
	 */
	public static function secrets(): array {
		return array_filter( (array) get_option( self::SECRETS, array() ), 'is_string' );
	}

	/** Asks for a secret that was changed at Gavel, at most once a minute. Whether there was a chance of a new one. */
	public static function renew_secrets(): bool {
		if ( ! Gavel_Settings::is_on() || ! self::may_ask() ) {
			return false;
		}
		try {
			self::keep_secret( Gavel_Client::call( 'GET', '/v1/site' ) );
		} catch ( Gavel_Away | Gavel_Refused $e ) {
			return false;
		}
		return true;
	}

	/** Whether the last question is a minute ago. Anybody can send an event with a wrong signature. */
	private static function may_ask(): bool {
		if ( get_transient( 'gavel_asked' ) ) {
			return false;
		}
		set_transient( 'gavel_asked', 1, MINUTE_IN_SECONDS );
		return true;
	}

	/**
	 * Notes which site this is at Gavel. With another one, comments and the feed begin again.
	 *
	 * @param array<string, mixed> $site As Gavel describes it.
	 */
	private static function recognise( array $site ): void {
		$known = (array) get_option( self::SITE, array() );
		if ( self::is_known( $site ) && false !== get_option( self::CURSOR ) ) {
			unset( $known['unsure'] );
			update_option( self::SITE, $known, false );
			return;
		}
		$page = Gavel_Client::call( 'GET', '/v1/events?cursor=now' );
		if ( isset( $known['id'] ) && $known['id'] !== $site['id'] ) {
			Gavel_Store::begin_again();
			delete_option( self::SECRETS );
			delete_post_meta_by_key( Gavel_Bodies::DESCRIBED );
		}
		update_option( self::CURSOR, (int) $page['next'], false );
		$noted = array(
			'id'   => (string) $site['id'],
			'name' => (string) $site['name'],
		);
		update_option( self::SITE, $noted, false );
		Gavel_Store::hasten(); // What waited for a key that may be used.
	}

	/**
	 * Keeps a new secret in front of the one before.
	 *
	 * @param array<string, mixed> $site As Gavel describes it.
	 */
	private static function keep_secret( array $site ): void {
		$secret = $site['webhook_secret'] ?? null;
		$kept   = self::secrets();
		if ( is_string( $secret ) && ( $kept[0] ?? null ) !== $secret ) {
			update_option( self::SECRETS, array_slice( array_values( array_unique( array( $secret, ...$kept ) ) ), 0, 2 ), false );
		}
	}

	/**
	 * Tries everything that the plugin needs. Each line says what was tried and whether it is well.
	 *
	 * @return array<int, array{ok: bool, text: string}>
	 */
	public static function test(): array {
		if ( ! Gavel_Settings::is_on() ) {
			return array( self::line( false, __( 'Save an address and a key first.', 'gavel' ) ) );
		}
		try {
			$site  = self::connect();
			$lines = array( self::line( true, /* translators: %s: name of a site */ sprintf( __( 'Gavel answers, and the key is one of “%s”.', 'gavel' ), $site['name'] ) ) );
			$tests = array( self::test_sending(), self::test_hearing( $site ) );
			return array_merge( $lines, $tests, Gavel_Settings::checks_forms() ? array( self::test_checking() ) : array() );
		} catch ( Gavel_Away | Gavel_Refused $e ) {
			/* translators: %s: an error message */
			return array( self::line( false, sprintf( __( 'Gavel cannot be used: %s', 'gavel' ), $e->getMessage() ) ) );
		}
	}

	/** An empty comment is refused for its fields if the key may send, and for the key if it may not. */
	private static function test_sending(): array {
		try {
			Gavel_Client::call( 'POST', '/v1/comments', array() );
		} catch ( Gavel_Refused $e ) {
			if ( 422 === $e->status ) {
				return self::line( true, __( 'The key may send comments, decide them and read the feed.', 'gavel' ) );
			}
			return self::line( false, $e->getMessage() );
		}
		return self::line( false, __( 'Gavel took an empty comment: is this address really one of Gavel?', 'gavel' ) );
	}

	/** A check without a text is refused for that if the key may check. */
	private static function test_checking(): array {
		list( $status, $problem ) = Gavel_Client::check( array(), 5 );
		if ( 422 === $status ) {
			return self::line( true, __( 'The key may check messages from contact forms.', 'gavel' ) );
		}
		/* translators: %s: an error message */
		return self::line( false, sprintf( __( 'Contact forms are not checked: %s', 'gavel' ), ( new Gavel_Refused( $status, $problem ) )->getMessage() ) );
	}

	/**
	 * Lets Gavel call this site.
	 *
	 * @param array<string, mixed> $site Of connect().
	 */
	private static function test_hearing( array $site ): array {
		$instead = __( 'WordPress asks Gavel each minute instead.', 'gavel' );
		$them = self::other_wordpress( $site );
		if ( null !== $them ) {
			return self::line( false, self::shared( $them ) );
		}
		if ( ! $site['reached'] ) {
			/* translators: %s: an address or an error message */
			$why = $site['why'] ?? sprintf( __( 'It calls %s already.', 'gavel' ), $site['webhook_url'] );
			return self::line( true, __( 'Gavel does not call this site.', 'gavel' ) . " $why $instead" );
		}
		$tested = Gavel_Client::call( 'POST', '/v1/site/webhook-test', null, array(), 20 );
		if ( ! empty( $tested['delivered'] ) ) {
			return self::line( true, __( 'Gavel reaches this site, and its signature is right.', 'gavel' ) );
		}
		/* translators: %s: an error message */
		return self::line( true, sprintf( __( 'Gavel does not reach this site: %s.', 'gavel' ), (string) ( $tested['error'] ?? '' ) ) . " $instead" );
	}

	/**
	 * One line of the test.
	 *
	 * @param bool   $ok   Whether comments can be decided.
	 * @param string $text For the page.
	 * @return array{ok: bool, text: string}
	 */
	private static function line( bool $ok, string $text ): array {
		return array(
			'ok'   => $ok,
			'text' => $text,
		);
	}
}
