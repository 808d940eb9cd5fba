<?php
/**
 * Plugin Name:       Gavel
 * Description:       Your own Gavel server reads each comment first. WordPress publishes, holds or marks it as spam as Gavel decides.
 * Version:           1.0.0
 * Requires at least: 6.8
 * Requires PHP:      8.1
 * Author:            The Gavel contributors
 * License:           GPL-2.0-or-later
 * License URI:       https://www.gnu.org/licenses/gpl-2.0.html
 * Text Domain:       gavel
 * Domain Path:       /languages
 *
 * @package Gavel
 */

defined( 'ABSPATH' ) || exit;

const GAVEL_VERSION = '1.0.0';

foreach ( array( 'languages', 'settings', 'errors', 'client', 'store', 'bodies', 'connection', 'sync', 'comments', 'events', 'reasons', 'admin', 'privacy', 'import', 'import-page', 'forms' ) as $gavel_part ) {
	require_once __DIR__ . "/includes/class-gavel-$gavel_part.php";
}
unset( $gavel_part );

register_activation_hook( __FILE__, array( 'Gavel_Store', 'prepare' ) );
register_deactivation_hook( __FILE__, array( 'Gavel_Events', 'unschedule' ) );

Gavel_Languages::register();
Gavel_Store::register();
Gavel_Comments::register();
Gavel_Events::register();
Gavel_Admin::register();
Gavel_Import_Page::register();
Gavel_Privacy::register();
Gavel_Forms::register();

if ( defined( 'WP_CLI' ) && WP_CLI ) {
	require_once __DIR__ . '/includes/class-gavel-command.php';
	WP_CLI::add_command( 'gavel', 'Gavel_Command' );
}
