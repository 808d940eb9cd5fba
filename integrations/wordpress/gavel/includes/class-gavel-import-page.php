<?php
/**
 * The import on the settings page: a button, a bar, and the calls that go on with it while somebody looks.
 *
 * @package Gavel
 */

defined( 'ABSPATH' ) || exit;

/** With the page closed, or without its script, cron goes on with the import each minute. */
final class Gavel_Import_Page {

	const LOOK_S = 5; // Of one call of the page.

	/** Adds the hooks. */
	public static function register(): void {
		add_action( 'admin_post_gavel_import', array( self::class, 'begin' ) );
		add_action( 'wp_ajax_gavel_import', array( self::class, 'go_on' ) );
		add_action( 'admin_enqueue_scripts', array( self::class, 'add_script' ) );
	}

	/**
	 * The script, on our page only.
	 *
	 * @param string $page Of wp-admin.
	 */
	public static function add_script( $page ): void {
		if ( 'settings_page_' . Gavel_Admin::PAGE === $page ) {
			wp_enqueue_script( 'gavel-import', plugins_url( 'assets/import.js', __DIR__ ), array(), GAVEL_VERSION, array( 'in_footer' => true ) );
		}
	}

	/** The part of the page. */
	public static function print_part(): void {
		if ( ! Gavel_Settings::is_on() ) {
			return;
		}
		$state = Gavel_Import::state();
		echo '<h2>' . esc_html__( 'Comments from before', 'gavel' ) . '</h2>';
		echo '<p>' . esc_html__( 'Gavel learns from what was decided here: published comments and spam are sent with their decision, and so is spam in the trash that Akismet found. Gavel decides the pending ones. Nobody gets a mail about them.', 'gavel' ) . '</p>';
		if ( defined( 'AKISMET_VERSION' ) ) {
			echo '<p>' . esc_html__( 'Akismet is active too, and what it calls spam never reaches Gavel. Send the comments from before, then deactivate Akismet.', 'gavel' ) . '</p>';
		}
		if ( $state['total'] ) {
			printf( '<p><progress id="gavel_import" max="%d" value="%d" data-running="%d" data-nonce="%s" aria-labelledby="gavel_import_said"></progress></p>', esc_attr( $state['total'] ), esc_attr( $state['seen'] ), esc_attr( (int) $state['running'] ), esc_attr( wp_create_nonce( 'gavel_import' ) ) );
			echo '<p id="gavel_import_said" role="status">' . esc_html( self::said( $state ) ) . '</p>';
		}
		echo '<form action="' . esc_url( admin_url( 'admin-post.php' ) ) . '" method="post"><input type="hidden" name="action" value="gavel_import">';
		wp_nonce_field( 'gavel_import' );
		submit_button( __( 'Send the comments from before', 'gavel' ), 'secondary', 'gavel_import_begin', false );
		echo '</form>';
	}

	/** The button. */
	public static function begin(): void {
		check_admin_referer( 'gavel_import' );
		self::need_right();
		Gavel_Import::start();
		wp_safe_redirect( admin_url( 'options-general.php?page=' . Gavel_Admin::PAGE ) );
		exit;
	}

	/** A call of the page: goes on for some seconds, and says how far the import is. */
	public static function go_on(): void {
		check_ajax_referer( 'gavel_import' );
		self::need_right();
		$state         = Gavel_Import::advance( time() + self::LOOK_S );
		$state['said'] = self::said( $state );
		wp_send_json( $state );
	}

	/** Only those who may change the settings import. */
	private static function need_right(): void {
		if ( ! current_user_can( 'manage_options' ) ) {
			wp_die( esc_html__( 'You may not change these settings.', 'gavel' ), '', array( 'response' => 403 ) );
		}
	}

	/**
	 * How far the import is, in words.
	 *
	 * @param array<string, mixed> $state Of the import.
	 */
	private static function said( array $state ): string {
		/* translators: 1: number of comments that were looked at, 2: of how many, 3: number that was sent, 4: number that Gavel refused */
		$text = __( '%1$s of %2$s comments looked at: %3$s sent, %4$s refused.', 'gavel' );
		$text = sprintf( $text, ...array_map( fn( $name ) => number_format_i18n( $state[ $name ] ), array( 'seen', 'total', 'sent', 'refused' ) ) );
		if ( ! $state['running'] ) {
			return $text . ' ' . __( 'All are done.', 'gavel' );
		}
		/* translators: %s: an error message */
		return '' === $state['why'] ? $text : $text . ' ' . sprintf( __( 'It waits for Gavel, and goes on by itself: %s', 'gavel' ), $state['why'] );
	}
}
