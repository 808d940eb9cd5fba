<?php
/**
 * The plugin's own translations.
 *
 * @package Gavel
 */

defined( 'ABSPATH' ) || exit;

/** WordPress finds those of its very locale by itself; this adds the nearest one, such as de_DE for de_AT. */
final class Gavel_Languages {

	/** Adds the hooks. */
	public static function register(): void {
		add_filter( 'load_textdomain_mofile', array( self::class, 'nearest' ), 10, 2 );
		if ( is_multisite() ) {
			add_action( 'init', array( self::class, 'name_folder' ), 0 );
		}
	}

	/** WordPress does not look into the folder of a plugin that is active in the whole network, unless it is named. */
	public static function name_folder(): void {
		load_plugin_textdomain( 'gavel', false, 'gavel/languages' ); // phpcs:ignore PluginCheck.CodeAnalysis.DiscouragedFunctions.load_plugin_textdomainFound
	}

	/**
	 * A file of the same language, where none is of the locale.
	 *
	 * @param string $file   That WordPress would read, if it is there.
	 * @param string $domain Of the texts.
	 */
	public static function nearest( $file, $domain ): string {
		$locale = substr( basename( (string) $file, '.mo' ), strlen( 'gavel-' ) );
		if ( 'gavel' !== $domain || ! preg_match( '/^[a-z]{2,3}(?=_|$)/', $locale, $language ) || is_readable( substr( $file, 0, -3 ) . '.l10n.php' ) || is_readable( $file ) ) {
			return (string) $file;
		}
		$found = glob( dirname( __DIR__ ) . "/languages/gavel-{$language[0]}_*.l10n.php" );
		return $found ? substr( $found[0], 0, -strlen( '.l10n.php' ) ) . '.mo' : (string) $file;
	}
}
