<?php
/**
 * The settings of the plugin: where Gavel is, and the key.
 *
 * @package Gavel
 */

defined( 'ABSPATH' ) || exit;

/** Reads and checks the settings. GAVEL_URL and GAVEL_KEY in wp-config.php come before them, but in a network the key is
 * that of the main site alone: each site has its own comments, and so its own site at Gavel. */
final class Gavel_Settings {

	const OPTION = 'gavel_settings';

	/** The address of Gavel without a slash at its end; empty if none is set. */
	public static function url(): string {
		return untrailingslashit( defined( 'GAVEL_URL' ) ? (string) GAVEL_URL : self::stored()['url'] );
	}

	/** The key; empty if none is set. */
	public static function key(): string {
		return self::has_fixed_key() ? (string) GAVEL_KEY : self::stored()['key'];
	}

	/** Whether wp-config.php sets the key of this site. */
	public static function has_fixed_key(): bool {
		return defined( 'GAVEL_KEY' ) && is_main_site();
	}

	/** Whether Gavel hears the network address of a writer, of which it keeps a digest. */
	public static function sends_address(): bool {
		return (bool) self::stored()['send_address'];
	}

	/** Whether messages from contact forms are checked for spam. */
	public static function checks_forms(): bool {
		return (bool) self::stored()['check_forms'];
	}

	/** Whether Gavel decides here. Without an address or a key, WordPress goes on as before. */
	public static function is_on(): bool {
		return '' !== self::url() && '' !== self::key();
	}

	/**
	 * The settings with a value for each.
	 *
	 * @return array{url: string, key: string, send_address: bool, check_forms: bool}
	 */
	public static function stored(): array {
		$defaults = array(
			'url'          => '',
			'key'          => '',
			'send_address' => false,
			'check_forms'  => false,
		);
		return array_merge( $defaults, (array) get_option( self::OPTION, array() ) );
	}

	/**
	 * The settings as they may be stored. A wrong field keeps its value from before, and the page names it.
	 *
	 * @param mixed $given What the form sent.
	 * @return array{url: string, key: string, send_address: bool, check_forms: bool}
	 */
	public static function sanitize( $given ): array {
		$stored = self::stored();
		$given  = is_array( $given ) ? $given : array();
		$url    = untrailingslashit( trim( (string) ( $given['url'] ?? $stored['url'] ) ) );
		$key    = trim( (string) ( $given['key'] ?? '' ) );
		if ( '' !== $url && ! self::is_address( $url ) ) {
			add_settings_error( self::OPTION, 'gavel_url', __( 'Address of Gavel: it must begin with https:// or http:// and have no spaces, user names or queries.', 'gavel' ) );
			$url = $stored['url'];
		}
		if ( '' !== $key && ! preg_match( '/^gvl_[A-Za-z0-9_-]{20,200}$/', $key ) ) {
			add_settings_error( self::OPTION, 'gavel_key', __( 'Key: a key of Gavel begins with gvl_ and has letters and digits only. Copy it whole.', 'gavel' ) );
			$key = '';
		}
		return array(
			'url'          => $url,
			'key'          => '' === $key ? $stored['key'] : $key,
			'send_address' => ! empty( $given['send_address'] ),
			'check_forms'  => ! empty( $given['check_forms'] ),
		);
	}

	/**
	 * Whether this is an address that calls can be appended to.
	 *
	 * @param string $url What somebody typed.
	 */
	private static function is_address( string $url ): bool {
		$parts = wp_parse_url( $url );
		return is_array( $parts ) && in_array( $parts['scheme'] ?? '', array( 'http', 'https' ), true )
			&& ! empty( $parts['host'] ) && ! preg_match( '/[\s?#@]/', $url );
	}
}
