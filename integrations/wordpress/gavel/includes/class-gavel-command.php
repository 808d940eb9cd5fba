<?php
/**
 * The commands of WP-CLI.
 *
 * @package Gavel
 */

defined( 'ABSPATH' ) || exit;

/** Sends existing comments to Gavel, and says how the connection is. */
final class Gavel_Command {

	/**
	 * Sends the comments that Gavel does not know, with what was decided.
	 *
	 * Published comments and spam are sent with that decision; pending ones are decided by Gavel. The trash stays out.
	 * The command can be run again after an interruption.
	 *
	 * ## OPTIONS
	 *
	 * [--dry-run]
	 * : Only count them.
	 *
	 * ## EXAMPLES
	 *
	 *     wp gavel import --dry-run
	 *
	 * @param string[]             $args    None.
	 * @param array<string, mixed> $options By name.
	 */
	public function import( array $args, array $options ): void {
		self::need_settings();
		$is_dry = ! empty( $options['dry-run'] );
		try {
			$counts = Gavel_Import::run( array( 'WP_CLI', 'log' ), $is_dry );
		} catch ( Gavel_Away $e ) {
			WP_CLI::error( "Gavel is away, so run this again later: {$e->getMessage()}" );
		}
		if ( $is_dry ) {
			WP_CLI::success( "{$counts['sent']} comments would be sent." );
			return;
		}
		WP_CLI::success( "{$counts['sent']} comments sent, {$counts['decided']} with a decision, {$counts['refused']} refused." );
	}

	/**
	 * Tests the connection, as the button on the settings page does.
	 */
	public function test(): void {
		$failed = 0;
		foreach ( Gavel_Connection::test() as $line ) {
			$failed += $line['ok'] ? 0 : 1;
			WP_CLI::log( ( $line['ok'] ? 'ok   ' : 'FAIL ' ) . $line['text'] );
		}
		if ( $failed ) {
			WP_CLI::error( 'Gavel cannot be used.' );
		}
	}

	/** Ends the command where nothing is connected. */
	private static function need_settings(): void {
		if ( ! Gavel_Settings::is_on() ) {
			WP_CLI::error( 'Set the address and the key of Gavel first: Settings → Gavel.' );
		}
	}
}
