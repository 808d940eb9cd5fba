<?php
/**
 * Leaves nothing: options, the table, marks at articles, the cron job, and the webhook at Gavel.
 *
 * @package Gavel
 */

defined( 'WP_UNINSTALL_PLUGIN' ) || exit;

/** Clears one site. */
function gavel_uninstall_site(): void {
	global $wpdb;
	gavel_uninstall_webhook();
	foreach ( array( 'gavel_settings', 'gavel_site', 'gavel_secrets', 'gavel_cursor', 'gavel_away', 'gavel_import', 'gavel_author_salt', 'gavel_db_version' ) as $option ) {
		delete_option( $option );
	}
	delete_transient( 'gavel_asked' );
	// phpcs:ignore WordPress.DB.DirectDatabaseQuery -- the results of tests, one for each user.
	$results = $wpdb->get_col( $wpdb->prepare( 'SELECT option_name FROM %i WHERE option_name LIKE %s', $wpdb->options, $wpdb->esc_like( '_transient_gavel_test_' ) . '%' ) );
	foreach ( $results as $name ) {
		delete_transient( substr( $name, strlen( '_transient_' ) ) );
	}
	delete_post_meta_by_key( '_gavel_article' );
	wp_clear_scheduled_hook( 'gavel_cron' );
	$wpdb->query( $wpdb->prepare( 'DROP TABLE IF EXISTS %i', $wpdb->prefix . 'gavel_comments' ) ); // phpcs:ignore WordPress.DB.DirectDatabaseQuery
}

/** Asks Gavel to call this site no longer. It finds out by itself too, so a failure is no matter. */
function gavel_uninstall_webhook(): void {
	$stored = (array) get_option( 'gavel_settings', array() );
	$url    = untrailingslashit( defined( 'GAVEL_URL' ) ? (string) GAVEL_URL : (string) ( $stored['url'] ?? '' ) );
	$key    = defined( 'GAVEL_KEY' ) && is_main_site() ? (string) GAVEL_KEY : (string) ( $stored['key'] ?? '' );
	if ( '' === $url || '' === $key ) {
		return;
	}
	$request = array(
		'timeout'     => 5,
		'redirection' => 0,
		'headers'     => array(
			'Authorization' => "Bearer $key",
			'Content-Type'  => 'application/json',
		),
	);
	$site    = json_decode( wp_remote_retrieve_body( wp_remote_get( "$url/v1/site", $request ) ), true );
	if ( is_array( $site ) && ( $site['webhook_url'] ?? '' ) === rest_url( 'gavel/v1/events' ) ) {
		$change = array(
			'method' => 'PUT',
			'body'   => '{"webhook_url": null}',
		);
		wp_remote_request( "$url/v1/site", $change + $request );
	}
}

if ( is_multisite() ) {
	foreach ( get_sites(
		array(
			'fields' => 'ids',
			'number' => 0,
		)
	) as $gavel_site_id ) {
		switch_to_blog( $gavel_site_id );
		gavel_uninstall_site();
		restore_current_blog();
	}
} else {
	gavel_uninstall_site();
}
