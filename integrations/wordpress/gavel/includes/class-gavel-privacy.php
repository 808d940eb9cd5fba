<?php
/**
 * WordPress' tools for personal data: what Gavel keeps of a reader, and how it is erased.
 *
 * @package Gavel
 */

defined( 'ABSPATH' ) || exit;

/** A reader is found by e-mail address, which Gavel itself does not know. WordPress shows messages as HTML. */
final class Gavel_Privacy {

	/** Adds the hooks. */
	public static function register(): void {
		add_filter( 'wp_privacy_personal_data_exporters', array( self::class, 'add_exporter' ) );
		add_filter( 'wp_privacy_personal_data_erasers', array( self::class, 'add_eraser' ) );
		add_action( 'admin_init', array( self::class, 'suggest_policy' ) );
	}

	/**
	 * In WordPress' list.
	 *
	 * @param array<string, array<string, mixed>> $exporters So far.
	 * @return array<string, array<string, mixed>>
	 */
	public static function add_exporter( $exporters ) {
		$exporters['gavel'] = array(
			'exporter_friendly_name' => __( 'Gavel', 'gavel' ),
			'callback'               => array( self::class, 'export' ),
		);
		return $exporters;
	}

	/**
	 * In WordPress' list.
	 *
	 * @param array<string, array<string, mixed>> $erasers So far.
	 * @return array<string, array<string, mixed>>
	 */
	public static function add_eraser( $erasers ) {
		$erasers['gavel'] = array(
			'eraser_friendly_name' => __( 'Gavel', 'gavel' ),
			'callback'             => array( self::class, 'erase' ),
		);
		return $erasers;
	}

	/**
	 * Everything that Gavel keeps about a reader. An error is shown, since half an export would be taken for a whole one.
	 *
	 * @param string $email Of the reader.
	 * @return array<string, mixed>|WP_Error
	 */
	public static function export( $email ) {
		$items = array();
		foreach ( self::authors( (string) $email ) as $author ) {
			try {
				$kept = Gavel_Client::call( 'GET', self::path( $author, '/export' ), null, array(), 30 );
			} catch ( Gavel_Refused $e ) {
				if ( 404 === $e->status ) {
					continue;
				}
				return new WP_Error( 'gavel_export', esc_html( $e->getMessage() ) );
			} catch ( Gavel_Away $e ) {
				return new WP_Error( 'gavel_export', esc_html( $e->getMessage() ) );
			}
			$items = array_merge( $items, self::items( $author, $kept ) );
		}
		return array(
			'data' => $items,
			'done' => true,
		);
	}

	/**
	 * Erases a reader at Gavel, which withdraws their comments: here they go to the trash.
	 *
	 * @param string $email Of the reader.
	 * @return array<string, mixed>
	 */
	public static function erase( $email ): array {
		$result = array(
			'items_removed'  => false,
			'items_retained' => false,
			'messages'       => array(),
			'done'           => true,
		);
		foreach ( self::authors( (string) $email ) as $author ) {
			try {
				$erased                   = Gavel_Client::call( 'DELETE', self::path( $author ), null, array(), 30 );
				$result['items_removed'] = $result['items_removed'] || ( (int) ( $erased['comments'] ?? 0 ) + (int) ( $erased['reports_made'] ?? 0 ) ) > 0;
			} catch ( Gavel_Away | Gavel_Refused $e ) {
				$result['items_retained'] = true;
				/* translators: %s: an error message */
				$result['messages'][] = esc_html( sprintf( __( 'Gavel could not erase this reader, so try again: %s', 'gavel' ), $e->getMessage() ) );
			}
		}
		return $result;
	}

	/** A text for the site's privacy policy. */
	public static function suggest_policy(): void {
		$text = __( 'Comments are read by a moderation service on our own servers before they are published. It receives the text, the name, when you registered, and the domain of your e-mail address, but not the address itself.', 'gavel' );
		if ( Gavel_Settings::sends_address() ) {
			$text .= ' ' . __( 'It keeps a digest of your IP address for 30 days.', 'gavel' );
		}
		wp_add_privacy_policy_content( __( 'Gavel', 'gavel' ), '<p class="privacy-policy-tutorial"></p><p>' . esc_html( $text ) . '</p>' );
	}

	/**
	 * The ids that Gavel knows a reader by.
	 *
	 * @param string $email Of the reader.
	 * @return string[]
	 */
	private static function authors( string $email ): array {
		if ( '' === trim( $email ) || ! Gavel_Settings::is_on() ) {
			return array();
		}
		$user = get_user_by( 'email', $email );
		return array_filter( array( Gavel_Bodies::guest_author( $email ), $user ? Gavel_Bodies::user_author( $user->ID ) : '' ) );
	}

	/**
	 * The path of an author. An id of an author may hold a colon, which is encoded.
	 *
	 * @param string $author The id.
	 * @param string $after  Such as /export.
	 */
	private static function path( string $author, string $after = '' ): string {
		return Gavel_Client::path( '/v1/authors/', $author, $after );
	}

	/**
	 * What is kept, as WordPress' export shows it: a part for the reader, and one for each comment.
	 *
	 * @param string               $author Its id.
	 * @param array<string, mixed> $kept   Of Gavel.
	 * @return array<int, array<string, mixed>>
	 */
	private static function items( string $author, array $kept ): array {
		$comments = (array) ( $kept['comments'] ?? array() );
		unset( $kept['comments'] );
		$items = array();
		foreach ( array( $kept, ...$comments ) as $number => $part ) {
			$items[] = array(
				'group_id'    => 'gavel',
				'group_label' => __( 'Moderation of comments (Gavel)', 'gavel' ),
				'item_id'     => "gavel-$author-$number",
				'data'        => self::lines( (array) $part ),
			);
		}
		return $items;
	}

	/**
	 * A line for each fact, named by where it is. What is empty is left out.
	 *
	 * @param array<int|string, mixed> $kept  A part.
	 * @param string                   $where The names above it.
	 * @return array<int, array{name: string, value: string}>
	 */
	private static function lines( array $kept, string $where = '' ): array {
		$lines = array();
		foreach ( $kept as $key => $value ) {
			$name = trim( is_int( $key ) ? $where . ' ' . ( $key + 1 ) : ( '' === $where ? '' : "$where, " ) . str_replace( '_', ' ', $key ) );
			if ( is_array( $value ) ) {
				$lines = array_merge( $lines, self::lines( $value, $name ) );
			} elseif ( null !== $value && '' !== $value ) {
				$lines[] = array(
					'name'  => esc_html( $name ),
					'value' => esc_html( is_bool( $value ) ? ( $value ? 'yes' : 'no' ) : (string) $value ),
				);
			}
		}
		return $lines;
	}
}
