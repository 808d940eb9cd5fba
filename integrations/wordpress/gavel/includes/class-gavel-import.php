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

	const STATE      = 'gavel_import';
	const BATCH      = 100;
	const FEW        = 20; // While somebody looks at the bar.
	const PATIENCE   = 6;
	const MOST_BYTES = 2000000;
	const WISHES     = array(
		'1'     => 'publish',
		'spam'  => 'spam',
		'trash' => 'spam', // Only what Akismet, or a person who corrected it, called spam.
	);
	const NOTHING    = array(
		'sent'    => 0,
		'decided' => 0,
		'refused' => 0,
	);

	/**
	 * Sends all comments that Gavel does not know, from the oldest on. The trash stays out, but for Akismet's spam.
	 *
	 * @param callable(string): void $say   Takes a line for the person at the terminal.
	 * @param bool                   $is_dry Whether it only counts.
	 * @return array{sent: int, decided: int, refused: int}
	 * @throws Gavel_Away If Gavel does not come back within some minutes.
	 */
	public static function run( callable $say, bool $is_dry = false ): array {
		$counts = self::NOTHING;
		$after  = 0;
		if ( ! $is_dry ) {
			Gavel_Connection::ensure();
		}
		while ( $comments = self::next( $after, self::BATCH ) ) { // phpcs:ignore Generic.CodeAnalysis.AssignmentInCondition.FoundInWhileCondition
			$after = (int) end( $comments )->comment_ID;
			if ( $is_dry ) {
				$counts['sent'] += count( self::unknown( $comments ) );
				continue;
			}
			self::send_all( $comments, $say, $counts, self::PATIENCE );
			$say( "comment $after: {$counts['sent']} sent, {$counts['decided']} decided, {$counts['refused']} refused" );
			wp_cache_flush_runtime();
		}
		return $counts;
	}

	/**
	 * Begins an import that wp-admin and cron go on with, or leaves one as it is that is under way.
	 *
	 * @param int $after The last id before the comments to send.
	 */
	public static function start( int $after = 0 ): void {
		global $wpdb;
		$state = self::state();
		if ( $state['running'] && $state['after'] <= $after ) {
			return;
		}
		$begun = array(
			'running' => true,
			'after'   => $after,
			'seen'    => 0,
			'total'   => (int) $wpdb->get_var( $wpdb->prepare( self::query( 'COUNT(*)' ), ...self::asked( $after ) ) ), // phpcs:ignore WordPress.DB.DirectDatabaseQuery, WordPress.DB.PreparedSQL, PluginCheck.Security.DirectDB.UnescapedDBParameter -- the text has marks only.
		);
		update_option( self::STATE, $begun + self::NOTHING, false );
	}

	/**
	 * How far the import is. `why` says why it waits.
	 *
	 * @return array<string, mixed>
	 */
	public static function state(): array {
		$none = array(
			'running' => false,
			'after'   => 0,
			'seen'    => 0,
			'total'   => 0,
			'why'     => '',
		);
		return (array) get_option( self::STATE, array() ) + $none + self::NOTHING;
	}

	/**
	 * Goes on with the import until the time is up, it is done, or Gavel is away. One process does so at a time.
	 *
	 * @param int $until A moment in seconds since 1970.
	 * @return array<string, mixed> As state().
	 */
	public static function advance( int $until ): array {
		global $wpdb;
		$lock  = "{$wpdb->prefix}gavel_import"; // MySQL gives it back when this process ends, however it ends.
		$state = self::state();
		if ( ! $state['running'] || '1' !== $wpdb->get_var( $wpdb->prepare( 'SELECT GET_LOCK(%s, 0)', $lock ) ) ) {
			return $state;
		}
		wp_cache_delete( self::STATE, 'options' );
		$state        = self::state();
		$state['why'] = '';
		try {
			Gavel_Connection::ensure();
			while ( $state['running'] && time() < $until ) {
				$state = self::step( $state );
				update_option( self::STATE, $state, false );
			}
		} catch ( Gavel_Away | Gavel_Refused $e ) {
			$state['why'] = $e->getMessage();
			update_option( self::STATE, $state, false );
		}
		$wpdb->get_var( $wpdb->prepare( 'SELECT RELEASE_LOCK(%s)', $lock ) );
		return $state;
	}

	/** The plugin was switched off and is on again: what came, was decided or was deleted meanwhile is sent. */
	public static function catch_up(): void {
		$last = Gavel_Store::last();
		if ( $last ) {
			foreach ( Gavel_Store::changed_meanwhile() as $id => $wish ) {
				Gavel_Store::want( $id, $wish );
			}
			self::start( $last );
		}
	}

	/**
	 * Sends the next few comments.
	 *
	 * @param array<string, mixed> $state As state().
	 * @return array<string, mixed> The state after them.
	 * @throws Gavel_Away If Gavel does not answer.
	 */
	private static function step( array $state ): array {
		$comments = self::next( $state['after'], self::FEW );
		if ( ! $comments ) {
			return array(
				'running' => false,
				'seen'    => $state['total'],
			) + $state;
		}
		$counts = array_intersect_key( $state, self::NOTHING );
		self::send_all( $comments, '__return_null', $counts, 0 );
		$done = array(
			'after' => (int) end( $comments )->comment_ID,
			'seen'  => min( $state['total'], $state['seen'] + count( $comments ) ),
		);
		return $done + $counts + $state;
	}

	/**
	 * Sends those of the comments that Gavel does not know.
	 *
	 * @param WP_Comment[]                                 $comments By id.
	 * @param callable(string): void                       $say      As in run().
	 * @param array{sent: int, decided: int, refused: int} $counts   Grow.
	 * @param int                                          $patience How often a call is tried again.
	 * @throws Gavel_Away If Gavel does not answer.
	 */
	private static function send_all( array $comments, callable $say, array &$counts, int $patience ): void {
		foreach ( self::in_portions( self::unknown( $comments ) ) as $portion ) {
			self::send( $portion, $say, $counts, $patience );
		}
	}

	/**
	 * Those that have no row yet.
	 *
	 * @param WP_Comment[] $comments Any.
	 * @return WP_Comment[]
	 */
	private static function unknown( array $comments ): array {
		$known = Gavel_Store::find( array_map( fn( $comment ) => (int) $comment->comment_ID, $comments ) );
		return array_filter( $comments, fn( $comment ) => ! isset( $known[ (int) $comment->comment_ID ] ) );
	}

	/**
	 * The next comments, by id.
	 *
	 * @param int $after The last id before them.
	 * @param int $limit At most so many.
	 * @return WP_Comment[]
	 */
	private static function next( int $after, int $limit ): array {
		global $wpdb;
		// phpcs:ignore WordPress.DB.DirectDatabaseQuery, WordPress.DB.PreparedSQL, PluginCheck.Security.DirectDB.UnescapedDBParameter -- WP_Comment_Query has no "after this id"; the text has marks only.
		$ids = $wpdb->get_col( $wpdb->prepare( self::query( 'c.comment_ID' ) . ' ORDER BY c.comment_ID LIMIT %d', ...self::asked( $after ), ...array( $limit ) ) );
		return array_values( array_filter( array_map( 'get_comment', $ids ) ) );
	}

	/**
	 * The statement that finds the comments to send, with marks. A person's word on spam counts before Akismet's own.
	 *
	 * @param string $what The column.
	 */
	private static function query( string $what ): string {
		$marks = implode( ',', array_fill( 0, count( self::types() ), '%s' ) );
		$said  = 'SELECT 1 FROM %i m WHERE m.comment_id = c.comment_ID AND m.meta_key';
		$spam  = "EXISTS ($said IN ('akismet_result', 'akismet_user_result') AND m.meta_value = 'true') AND NOT EXISTS ($said = 'akismet_user_result' AND m.meta_value = 'false')";
		return "SELECT $what FROM %i c WHERE c.comment_ID > %d AND c.comment_type IN ($marks) AND (c.comment_approved IN ('0', '1', 'spam') OR (c.comment_approved = 'trash' AND $spam))";
	}

	/**
	 * The values for its marks.
	 *
	 * @param int $after The last id before the comments.
	 * @return array<int, int|string>
	 */
	private static function asked( int $after ): array {
		global $wpdb;
		return array( $wpdb->comments, $after, ...self::types(), ...array( $wpdb->commentmeta, $wpdb->commentmeta ) );
	}

	/**
	 * The types as the database has them: an old comment has none.
	 *
	 * @return string[]
	 */
	private static function types(): array {
		$types = Gavel_Comments::types();
		return in_array( 'comment', $types, true ) ? array( ...$types, '' ) : $types;
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
	 * @param int                                          $patience As in send_all().
	 */
	private static function send( array $bodies, callable $say, array &$counts, int $patience ): void {
		foreach ( array_keys( $bodies ) as $id ) {
			Gavel_Store::want( $id, self::WISHES[ (string) get_comment( $id )->comment_approved ] ?? null, Gavel_Store::AGAIN_S );
		}
		Gavel_Store::silence( array_keys( $bodies ) );
		try {
			$answer = self::patiently( fn() => Gavel_Client::call( 'POST', '/v1/comments:batch', array( 'comments' => array_values( $bodies ) ), array(), 60 ), $say, $patience );
		} catch ( Gavel_Away $e ) {
			array_map( array( Gavel_Store::class, 'forget_unsent' ), array_keys( $bodies ) );
			throw $e;
		}
		foreach ( array_keys( $bodies ) as $place => $id ) {
			$result = $answer['results'][ $place ] ?? array();
			if ( isset( $result['comment'] ) ) {
				Gavel_Store::newer( $id, (int) $result['comment']['version'], (string) $result['comment']['status'], null );
				Gavel_Store::save( $id, array( 'sent' => Gavel_Bodies::digest_of( $bodies[ $id ]['text'] ) ) );
				Gavel_Bodies::remember_article( $bodies[ $id ]['article'] );
				++$counts['sent'];
			}
			// Alone, a refused comment may be taken without its description, or turn out to be known.
			self::patiently( fn() => Gavel_Sync::settle( $id ) || throw new Gavel_Away( (string) ( Gavel_Client::outage()['why'] ?? '' ), 5 ), $say, $patience );
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
	 * Tries again while Gavel asks to come back later.
	 *
	 * @param callable               $attempt May throw Gavel_Away.
	 * @param callable(string): void $say     As in run().
	 * @param int                    $left    How often.
	 * @return mixed
	 * @throws Gavel_Away The last one.
	 */
	private static function patiently( callable $attempt, callable $say, int $left ) {
		for ( ; ; --$left ) {
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
