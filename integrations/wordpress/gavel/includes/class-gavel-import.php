<?php
/**
 * Sends the comments that were here before Gavel, with what was decided.
 *
 * @package Gavel
 */

defined( 'ABSPATH' ) || exit;

// Messages of exceptions are escaped where a page prints them.
// phpcs:disable WordPress.Security.EscapeOutput.ExceptionNotEscaped

/** Run again after an interruption, it goes on: a comment that Gavel knows is not sent twice. */
final class Gavel_Import {

	const BATCH      = 100;
	const MOST_BYTES = 2000000;
	const WISHES     = array(
		'1'    => 'publish',
		'spam' => 'spam',
	);

	/**
	 * Sends all comments that Gavel does not know, from the oldest on. The trash stays out.
	 *
	 * @param callable(string): void $say   Takes a line for the person at the terminal.
	 * @param bool                   $is_dry Whether it only counts.
	 * @return array{sent: int, decided: int, refused: int}
	 * @throws Gavel_Away If Gavel does not come back within some minutes.
	 */
	public static function run( callable $say, bool $is_dry = false ): array {
		$counts = array(
			'sent'    => 0,
			'decided' => 0,
			'refused' => 0,
		);
		$after  = 0;
		if ( ! $is_dry ) {
			Gavel_Connection::ensure();
		}
		while ( $comments = self::next( $after ) ) { // phpcs:ignore Generic.CodeAnalysis.AssignmentInCondition.FoundInWhileCondition
			$after = (int) end( $comments )->comment_ID;
			$known = Gavel_Store::find( array_map( fn( $comment ) => (int) $comment->comment_ID, $comments ) );
			$new   = array_filter( $comments, fn( $comment ) => ! isset( $known[ (int) $comment->comment_ID ] ) );
			if ( $is_dry ) {
				$counts['sent'] += count( $new );
				continue;
			}
			foreach ( self::in_portions( $new ) as $portion ) {
				self::send( $portion, $say, $counts );
			}
			$say( "comment $after: {$counts['sent']} sent, {$counts['decided']} decided, {$counts['refused']} refused" );
			wp_cache_flush_runtime();
		}
		return $counts;
	}

	/**
	 * The next comments, by id.
	 *
	 * @param int $after The last id before them.
	 * @return WP_Comment[]
	 */
	private static function next( int $after ): array {
		global $wpdb;
		$types = Gavel_Comments::types();
		$types = in_array( 'comment', $types, true ) ? array( ...$types, '' ) : $types;
		$marks = implode( ',', array_fill( 0, count( $types ), '%s' ) );
		// phpcs:ignore WordPress.DB.DirectDatabaseQuery, WordPress.DB.PreparedSQL.InterpolatedNotPrepared, WordPress.DB.PreparedSQLPlaceholders, PluginCheck.Security.DirectDB.UnescapedDBParameter -- WP_Comment_Query has no "after this id"; the marks are %s.
		$ids = $wpdb->get_col( $wpdb->prepare( "SELECT comment_ID FROM %i WHERE comment_ID > %d AND comment_approved IN ('0', '1', 'spam') AND comment_type IN ($marks) ORDER BY comment_ID LIMIT %d", $wpdb->comments, $after, ...$types, ...array( self::BATCH ) ) );
		return array_values( array_filter( array_map( 'get_comment', $ids ) ) );
	}

	/**
	 * Portions that Gavel takes at once, with an article described only in its first comment.
	 *
	 * @param WP_Comment[] $comments By id.
	 * @return iterable<array<int, array<string, mixed>>> Bodies by the comments' ids.
	 */
	private static function in_portions( array $comments ): iterable {
		$portion = array();
		$bytes   = 0;
		$seen    = array();
		foreach ( $comments as $comment ) {
			$id            = (int) $comment->comment_ID;
			$parent        = Gavel_Store::get( (int) $comment->comment_parent );
			$is_answer     = isset( $portion[ (int) $comment->comment_parent ] ) || ( $parent && '' !== $parent->sent );
			$portion[ $id ] = Gavel_Bodies::comment( $comment, true, $is_answer );
			if ( isset( $seen[ $comment->comment_post_ID ] ) ) {
				$portion[ $id ]['article'] = array( 'id' => (string) $comment->comment_post_ID );
			}
			$seen[ $comment->comment_post_ID ] = true;
			$bytes                            += strlen( (string) wp_json_encode( $portion[ $id ] ) );
			if ( $bytes > self::MOST_BYTES ) {
				yield $portion;
				$portion = array();
				$bytes   = 0;
				$seen    = array();
			}
		}
		if ( $portion ) {
			yield $portion;
		}
	}

	/**
	 * Sends a portion, then what was decided about each comment. What is cut off here, cron finishes.
	 *
	 * @param array<int, array<string, mixed>>             $bodies By the comments' ids.
	 * @param callable(string): void                       $say    As in run().
	 * @param array{sent: int, decided: int, refused: int} $counts Grow.
	 */
	private static function send( array $bodies, callable $say, array &$counts ): void {
		foreach ( array_keys( $bodies ) as $id ) {
			Gavel_Store::want( $id, self::WISHES[ (string) get_comment( $id )->comment_approved ] ?? null, Gavel_Store::AGAIN_S );
		}
		$answer = self::patiently( fn() => Gavel_Client::call( 'POST', '/v1/comments:batch', array( 'comments' => array_values( $bodies ) ), array(), 60 ), $say );
		foreach ( array_keys( $bodies ) as $place => $id ) {
			$result = $answer['results'][ $place ] ?? array();
			if ( isset( $result['comment'] ) ) {
				Gavel_Store::newer( $id, (int) $result['comment']['version'], (string) $result['comment']['status'], null );
				Gavel_Store::save( $id, array( 'sent' => Gavel_Bodies::digest_of( $bodies[ $id ]['text'] ) ) );
				Gavel_Bodies::remember_article( $bodies[ $id ]['article'] );
				++$counts['sent'];
			}
			// Alone, a refused comment may be taken without its description, or turn out to be known.
			self::patiently( fn() => Gavel_Sync::settle( $id ) || throw new Gavel_Away( (string) ( Gavel_Client::outage()['why'] ?? '' ), 5 ), $say );
			self::count( $id, isset( $result['comment'] ), $say, $counts );
		}
	}

	/**
	 * Counts what became of a comment.
	 *
	 * @param int                                          $id       Of the comment.
	 * @param bool                                         $was_sent With the others.
	 * @param callable(string): void                       $say      As in run().
	 * @param array{sent: int, decided: int, refused: int} $counts   Grow.
	 */
	private static function count( int $id, bool $was_sent, callable $say, array &$counts ): void {
		$row = Gavel_Store::get( $id );
		if ( $row && null !== $row->problem ) {
			++$counts['refused'];
			$say( "comment $id: {$row->problem}" );
			return;
		}
		$counts['sent']    += $was_sent ? 0 : 1;
		$counts['decided'] += in_array( $row->status ?? '', array( 'published', 'rejected' ), true ) ? 1 : 0;
	}

	/**
	 * Tries again while Gavel asks to come back later, six times at most.
	 *
	 * @param callable               $attempt May throw Gavel_Away.
	 * @param callable(string): void $say     As in run().
	 * @return mixed
	 * @throws Gavel_Away The last one.
	 */
	private static function patiently( callable $attempt, callable $say ) {
		for ( $left = 6; ; --$left ) {
			try {
				return $attempt();
			} catch ( Gavel_Away $e ) {
				if ( 0 === $left ) {
					throw $e;
				}
				$say( "Gavel is away ({$e->getMessage()}), again in {$e->retry_after_s} s" );
				sleep( $e->retry_after_s );
			}
		}
	}
}
