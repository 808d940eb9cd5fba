<?php
/**
 * Brings one comment here and at Gavel to the same text and the same decision.
 *
 * @package Gavel
 */

defined( 'ABSPATH' ) || exit;

/** What a person here wants goes first; then Gavel's status is shown. Run again after any failure, it goes on. */
final class Gavel_Sync {

	const STATUS_AFTER = array(
		'publish' => 'published',
		'flag'    => 'flagged',
		'reject'  => 'rejected',
		'spam'    => 'rejected',
	);
	const SPAM_REASON  = 'Spam or advertising';

	/**
	 * The comments whose status this process changes because Gavel said so.
	 *
	 * @var array<int, true>
	 */
	private static array $applying = array();

	/**
	 * Whether a change of this comment comes from Gavel, and so need not go there.
	 *
	 * @param int $id Of the comment.
	 */
	public static function is_applying( int $id ): bool {
		return isset( self::$applying[ $id ] );
	}

	/**
	 * Settles comments until the time is up or Gavel is away. Those that are left stay due.
	 *
	 * @param int[] $ids     Of the comments.
	 * @param int   $until   A moment in seconds since 1970.
	 * @param int[] $awaited Those whose writer waits for the decision, for two seconds.
	 */
	public static function settle_all( array $ids, int $until, array $awaited = array() ): void {
		$failed = 0;
		foreach ( $ids as $id ) {
			if ( time() >= $until || $failed >= 3 ) {
				return;
			}
			$failed = self::settle( $id, in_array( $id, $awaited, true ) ? 2 : 0 ) ? 0 : $failed + 1;
			if ( Gavel_Client::is_paused() ) {
				return;
			}
		}
	}

	/**
	 * Sends what Gavel has not heard, and shows what it said. False if Gavel was away.
	 *
	 * @param int $id     Of the comment.
	 * @param int $wait_s How long Gavel may take to decide before it answers.
	 */
	public static function settle( int $id, int $wait_s = 0 ): bool {
		if ( ! Gavel_Store::claim( $id ) ) {
			return true; // Another process has it.
		}
		$row = Gavel_Store::get( $id );
		if ( null === $row ) {
			return true;
		}
		try {
			Gavel_Connection::ensure();
			$row = Gavel_Store::get( $id ) ?? $row; // With another site its row begins anew.
			'withdraw' === $row->wish ? self::withdraw( $row ) : self::settle_row( $row, $wait_s );
		} catch ( Gavel_Away $e ) {
			Gavel_Store::postpone( $row, $e->retry_after_s );
			return false;
		} catch ( Gavel_Refused $e ) {
			self::refused( $row, $e );
		}
		return true;
	}

	/**
	 * Shows the status that Gavel gave, unless a person here wants another or changed the text: then it is false, and
	 * what Gavel has not heard stays due.
	 *
	 * @param int    $id     Of the comment.
	 * @param string $before The status at Gavel before.
	 */
	public static function apply( int $id, string $before ): bool {
		$row     = Gavel_Store::get( $id );
		$comment = get_comment( $id );
		if ( ! $row || ! $comment || '' !== $row->wish || '' === $row->sent || '' === $row->status ) {
			return false;
		}
		if ( Gavel_Bodies::digest_of( Gavel_Bodies::text( $comment->comment_content ) ) !== $row->sent ) {
			return false; // The decision is about an older text.
		}
		$is_new  = 'flagged' === $row->status && in_array( $before, array( '', 'waiting' ), true );
		$is_spam = 'flagged' === $row->status && Gavel_Reasons::is_sure_spam( $row );
		if ( $is_new && $is_spam ) {
			self::show( $comment, 'rejected' ); // At Gavel it still waits for a person.
		} elseif ( ! $is_spam || 'spam' !== $comment->comment_approved ) {
			self::show( $comment, $row->status );
		}
		if ( $is_new && ! $is_spam ) {
			wp_new_comment_notify_moderator( $id );
		}
		$now = Gavel_Store::get( $id );
		if ( $now && $now->version !== $row->version ) {
			return self::apply( $id, $row->status ); // Another process heard something newer meanwhile.
		}
		return true;
	}

	/**
	 * Takes over a text that was changed at Gavel, such as by a reader in its comment box.
	 *
	 * @param object $row Of the comment.
	 * @throws Gavel_Away    If Gavel does not answer.
	 * @throws Gavel_Refused If it refuses the call.
	 */
	public static function take_text( object $row ): void {
		$id      = (int) $row->comment_id;
		$comment = get_comment( $id );
		$said    = Gavel_Client::call( 'GET', Gavel_Client::path( '/v1/comments/', (string) $id ) );
		if ( ! $comment || ! is_string( $said['text'] ?? null ) || Gavel_Bodies::text( $comment->comment_content ) === $said['text'] || '' === $said['text'] ) {
			return;
		}
		self::quietly(
			$id,
			fn() => wp_update_comment(
				array(
					'comment_ID'      => $id,
					'comment_content' => wp_slash( esc_html( $said['text'] ) ),
				)
			)
		);
		Gavel_Store::save( $id, array( 'sent' => Gavel_Bodies::digest_of( Gavel_Bodies::text( get_comment( $id )->comment_content ) ) ) );
	}

	/**
	 * What is shown beside a comment about a decision, as JSON.
	 *
	 * @param array<string, mixed>|null $decision Of an event or an answer.
	 */
	public static function why( ?array $decision ): ?string {
		if ( null === $decision ) {
			return null;
		}
		$kept            = array_intersect_key( $decision, array_flip( array( 'by', 'reason' ) ) );
		$kept['reasons'] = array_map(
			fn( $reason ) => array_intersect_key( (array) $reason, array_flip( array( 'code', 'label', 'detail', 'value', 'limit', 'signal', 'parts' ) ) ),
			array_slice( (array) ( $decision['reasons'] ?? array() ), 0, 20 )
		);
		return (string) wp_json_encode( $kept );
	}

	/**
	 * Runs a change that Gavel asked for, which no hook sends back to it.
	 *
	 * @param int      $id     Of the comment.
	 * @param callable $change Makes the change.
	 */
	public static function quietly( int $id, callable $change ): void {
		self::$applying[ $id ] = true;
		try {
			$change();
		} finally {
			unset( self::$applying[ $id ] );
		}
	}

	/**
	 * A comment that is here: its text, then a person's wish, or else a look at how it is.
	 *
	 * @param object $row    Of the comment.
	 * @param int    $wait_s As in settle().
	 */
	private static function settle_row( object $row, int $wait_s ): void {
		$id      = (int) $row->comment_id;
		$comment = get_comment( $id );
		if ( ! $comment ) {
			Gavel_Store::forget( $id );
			return;
		}
		$before = $row->status;
		$sent   = self::send_text( $row, $comment, $wait_s );
		$row    = self::with_serial_of( $row );
		if ( '' !== $row->wish ) {
			$sent = self::send_wish( $row ) || $sent;
		}
		if ( ! $sent ) {
			self::look( $id );
		}
		self::apply( $id, $before );
		$now = Gavel_Store::get( $id );
		Gavel_Store::settled( $row, 'waiting' === ( $now->status ?? '' ) );
	}

	/**
	 * The row as it is now, with the serial that it had: what changed since then stays due.
	 *
	 * @param object $row As it was read first.
	 */
	private static function with_serial_of( object $row ): object {
		$now = Gavel_Store::get( (int) $row->comment_id ) ?? $row;
		if ( $now->serial !== $row->serial ) {
			$now->wish = $row->wish;
		}
		$now->serial = $row->serial;
		return $now;
	}

	/**
	 * Sends a new comment or a changed text. False if Gavel has this text already.
	 *
	 * @param object     $row     Of the comment.
	 * @param WP_Comment $comment The comment.
	 * @param int        $wait_s  As in settle().
	 */
	private static function send_text( object $row, WP_Comment $comment, int $wait_s ): bool {
		$id     = (int) $row->comment_id;
		$text   = Gavel_Bodies::text( $comment->comment_content );
		$digest = Gavel_Bodies::digest_of( $text );
		if ( $row->sent === $digest ) {
			return false;
		}
		$prefer = $wait_s ? array( 'Prefer' => "wait=$wait_s" ) : array();
		$said   = '' === $row->sent ? self::post( $comment, $text, $prefer ) : self::patch( $id, $text );
		self::heard( $id, $said );
		Gavel_Store::save( $id, array( 'sent' => $digest ) );
		return true;
	}

	/**
	 * Sends a new comment. One that Gavel has already, because an answer was lost, gets this text.
	 *
	 * @param WP_Comment            $comment The comment.
	 * @param string                $text    Its text.
	 * @param array<string, string> $prefer  Headers.
	 * @return array<string, mixed>
	 */
	private static function post( WP_Comment $comment, string $text, array $prefer ): array {
		$parent  = Gavel_Store::get( (int) $comment->comment_parent );
		$answers = $parent && '' !== $parent->sent;
		$body    = Gavel_Bodies::comment( $comment, true, $answers );
		try {
			try {
				$said = Gavel_Client::call( 'POST', '/v1/comments', $body, $prefer );
				Gavel_Bodies::remember_article( $body['article'] );
				return $said;
			} catch ( Gavel_Refused $e ) {
				if ( ! $e->is_about_description() ) {
					throw $e;
				}
				return Gavel_Client::call( 'POST', '/v1/comments', Gavel_Bodies::comment( $comment, false, $answers ), $prefer );
			}
		} catch ( Gavel_Refused $e ) {
			if ( 'id-conflict' !== $e->kind() ) {
				throw $e;
			}
			$said = Gavel_Client::call( 'GET', Gavel_Client::path( '/v1/comments/', (string) $comment->comment_ID ) );
			if ( ! self::is_same( $said, $body ) ) {
				throw $e; // The comment of another WordPress that uses this key too.
			}
			if ( $said['text'] === $text || 'withdrawn' === $said['status'] ) {
				return $said;
			}
			if ( ( $said['author']['id'] ?? '' ) !== $body['author']['id'] ) {
				throw $e;
			}
			return self::patch( (int) $comment->comment_ID, $text );
		}
	}

	/**
	 * Whether a comment at Gavel is this one, and no other with its number: by its article and, within a day, its time. An
	 * archive that was imported knows guests by other ids.
	 *
	 * @param array<string, mixed> $said As Gavel has it.
	 * @param array<string, mixed> $body As it is sent.
	 */
	private static function is_same( array $said, array $body ): bool {
		$there = strtotime( (string) ( $said['posted_at'] ?? '' ) );
		$here  = strtotime( $body['posted_at'] ?? '' );
		return $said['article_id'] === $body['article']['id'] && ( ! $there || ! $here || abs( $there - $here ) <= DAY_IN_SECONDS );
	}

	/**
	 * Sends a changed text. A comment that was withdrawn at Gavel stays so.
	 *
	 * @param int    $id   Of the comment.
	 * @param string $text The text.
	 * @return array<string, mixed>
	 */
	private static function patch( int $id, string $text ): array {
		$path = Gavel_Client::path( '/v1/comments/', (string) $id );
		try {
			return Gavel_Client::call( 'PATCH', $path, array( 'text' => $text ) );
		} catch ( Gavel_Refused $e ) {
			if ( 'move-not-allowed' !== $e->kind() ) {
				throw $e;
			}
			return Gavel_Client::call( 'GET', $path );
		}
	}

	/**
	 * Sends a person's decision. If a moderator at Gavel was faster, theirs holds. False if nothing was sent.
	 *
	 * @param object $row Of the comment.
	 */
	private static function send_wish( object $row ): bool {
		$id = (int) $row->comment_id;
		if ( self::STATUS_AFTER[ $row->wish ] === $row->status ) {
			Gavel_Store::drop_wish( $row );
			return false;
		}
		try {
			$said = self::decide( $id, $row->wish, $row->version );
		} catch ( Gavel_Refused $e ) {
			if ( ! in_array( $e->kind(), array( 'stale-version', 'move-not-allowed' ), true ) ) {
				throw $e;
			}
			$said = self::decide_after( $row, $e );
		}
		self::heard( $id, $said );
		Gavel_Store::drop_wish( $row );
		return true;
	}

	/**
	 * Gavel has a version that was not known here: a moderator's decision holds, the policy's gives way.
	 *
	 * @param object        $row     Of the comment.
	 * @param Gavel_Refused $refusal Of the decision.
	 * @return array<string, mixed>
	 */
	private static function decide_after( object $row, Gavel_Refused $refusal ): array {
		$id   = (int) $row->comment_id;
		$said = Gavel_Client::call( 'GET', Gavel_Client::path( '/v1/comments/', (string) $id ) );
		$done = in_array( $said['status'], array( self::STATUS_AFTER[ $row->wish ], 'withdrawn' ), true );
		if ( $done || 'move-not-allowed' === $refusal->kind() || 'moderator' === ( $said['decision']['by'] ?? '' ) ) {
			return $said;
		}
		return self::decide( $id, $row->wish, (int) $said['version'] );
	}

	/**
	 * Sends one decision.
	 *
	 * @param int    $id      Of the comment.
	 * @param string $wish    As in the store.
	 * @param int    $version That the decision is about.
	 * @return array<string, mixed>
	 */
	private static function decide( int $id, string $wish, int $version ): array {
		$body = array(
			'action'  => 'spam' === $wish ? 'reject' : $wish,
			'version' => $version,
		);
		if ( 'spam' === $wish ) {
			$body['reason'] = self::SPAM_REASON;
		}
		$said = Gavel_Client::call( 'POST', Gavel_Client::path( '/v1/comments/', (string) $id, '/decisions' ), $body );
		return $said['comment'] + array( 'decision' => $said['decision'] );
	}

	/**
	 * A comment that was deleted here.
	 *
	 * @param object $row Of the comment.
	 */
	private static function withdraw( object $row ): void {
		try {
			Gavel_Client::call( 'DELETE', Gavel_Client::path( '/v1/comments/', (string) $row->comment_id ) );
		} catch ( Gavel_Refused $e ) {
			if ( 404 !== $e->status ) {
				throw $e;
			}
		}
		Gavel_Store::forget( (int) $row->comment_id );
	}

	/**
	 * Asks how the comment is. The answer counts, also if a backup made Gavel's version older.
	 *
	 * @param int $id Of the comment.
	 */
	private static function look( int $id ): void {
		$said = Gavel_Client::call( 'GET', Gavel_Client::path( '/v1/comments/', (string) $id ) );
		$row  = Gavel_Store::get( $id );
		if ( $row && (int) $said['version'] < $row->version ) {
			Gavel_Store::save( $id, array( 'version' => 0 ) );
		}
		self::heard( $id, $said );
	}

	/**
	 * Notes what an answer said of the comment.
	 *
	 * @param int                  $id   Of the comment.
	 * @param array<string, mixed> $said The answer.
	 */
	private static function heard( int $id, array $said ): void {
		Gavel_Store::newer( $id, (int) $said['version'], (string) $said['status'], self::why( $said['decision'] ?? null ) );
	}

	/**
	 * Gavel will not take it: a person here must look. A reader who may not comment is refused for good.
	 *
	 * @param object        $row Of the comment.
	 * @param Gavel_Refused $e   The refusal.
	 */
	private static function refused( object $row, Gavel_Refused $e ): void {
		$id = (int) $row->comment_id;
		if ( 404 === $e->status && '' !== $row->sent ) { // Gavel went back to a backup: it shall have the comment again.
			Gavel_Store::save( $id, array( 'sent' => '', 'version' => 0, 'status' => '' ) );
			Gavel_Store::postpone( $row, 5 );
			return;
		}
		$now = Gavel_Store::get( $id );
		Gavel_Store::save( $id, array( 'problem' => mb_substr( $e->getMessage(), 0, 500 ) ) );
		Gavel_Store::drop_wish( $row );
		Gavel_Store::settled( $row, false );
		$comment = get_comment( $id );
		if ( ! $comment || '' !== $row->status || ( $now && $now->serial !== $row->serial ) ) {
			return;
		}
		if ( 'author-suspended' === $e->kind() && '' === $row->wish ) {
			self::show( $comment, 'rejected' );
		} elseif ( '0' === $comment->comment_approved ) {
			wp_new_comment_notify_moderator( $id );
		}
	}

	/**
	 * Gives a comment here the status that it has at Gavel.
	 *
	 * @param WP_Comment $comment The comment.
	 * @param string     $status  At Gavel.
	 */
	private static function show( WP_Comment $comment, string $status ): void {
		$id  = (int) $comment->comment_ID;
		$now = (string) $comment->comment_approved;
		if ( ! in_array( $now, array( '0', '1', 'spam', 'trash' ), true ) ) {
			return; // In the trash with its article.
		}
		if ( 'published' === $status && '1' !== $now ) {
			self::quietly( $id, fn() => wp_set_comment_status( $id, 'approve' ) );
		} elseif ( in_array( $status, array( 'waiting', 'flagged' ), true ) && '0' !== $now ) {
			self::quietly( $id, fn() => wp_set_comment_status( $id, 'hold' ) );
		} elseif ( 'rejected' === $status && ! in_array( $now, array( 'spam', 'trash' ), true ) ) {
			self::quietly( $id, fn() => wp_spam_comment( $id ) );
		} elseif ( 'withdrawn' === $status && 'trash' !== $now ) {
			self::quietly( $id, fn() => wp_trash_comment( $id ) );
		}
	}
}
