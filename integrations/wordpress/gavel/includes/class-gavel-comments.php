<?php
/**
 * What happens to comments in WordPress, and what Gavel has to hear of it.
 *
 * @package Gavel
 */

defined( 'ABSPATH' ) || exit;

/** Holds new comments, notes what changed, and sends it when the page is done. */
final class Gavel_Comments {

	const TYPES   = array( 'comment', 'pingback', 'trackback' );
	const AT_ONCE = 20; // Comments that one request settles; cron does the others.
	const WISHES  = array(
		'approved'   => 'publish',
		'unapproved' => 'flag',
		'spam'       => 'spam',
		'trash'      => 'reject',
	);

	/**
	 * The comments that changed in this request: true for those that are new, whose writers wait.
	 *
	 * @var array<int, bool>
	 */
	private static array $changed = array();

	/**
	 * The comments that wait again because of an edit in this request, of which WordPress tells as of a moderator's act.
	 *
	 * @var array<int, true>
	 */
	private static array $held = array();

	/** Adds the hooks. */
	public static function register(): void {
		add_filter( 'pre_comment_approved', array( self::class, 'hold' ), 99, 2 );
		add_action( 'wp_insert_comment', array( self::class, 'inserted' ), 10, 2 );
		add_action( 'transition_comment_status', array( self::class, 'changed' ), 10, 3 );
		add_action( 'edit_comment', array( self::class, 'edited' ) );
		add_action( 'deleted_comment', array( self::class, 'deleted' ) );
		add_action( 'untrashed_post_comments', array( self::class, 'article_is_back' ) );
		add_filter( 'notify_moderator', array( self::class, 'may_notify' ), 10, 2 );
		add_filter( 'notify_post_author', array( self::class, 'may_notify' ), 10, 2 );
		add_action( 'shutdown', array( self::class, 'send' ) );
	}

	/**
	 * A reader's comment waits. Those of people who may moderate, and of the article's author, WordPress publishes as
	 * before; what its own list or another plugin calls spam stays spam.
	 *
	 * @param int|string|WP_Error  $approved The status that WordPress would give.
	 * @param array<string, mixed> $comment  The comment's fields.
	 * @return int|string|WP_Error
	 */
	public static function hold( $approved, $comment ) {
		if ( ! Gavel_Settings::is_on() || is_wp_error( $approved ) || in_array( $approved, array( 'spam', 'trash' ), true ) ) {
			return $approved;
		}
		if ( ! self::is_moderated( (string) ( $comment['comment_type'] ?? '' ) ) || self::is_trusted( $comment ) ) {
			return $approved;
		}
		return 0;
	}

	/**
	 * A comment is stored. What WordPress published at once is sent as published.
	 *
	 * @param int        $id      Of the comment.
	 * @param WP_Comment $comment The comment.
	 */
	public static function inserted( $id, $comment ): void {
		if ( ! Gavel_Settings::is_on() || ! self::is_moderated( $comment->comment_type ) ) {
			return;
		}
		if ( '0' === (string) $comment->comment_approved || '1' === (string) $comment->comment_approved ) {
			$is_published = '1' === (string) $comment->comment_approved;
			self::note( (int) $id, $is_published ? 'publish' : null, ! $is_published );
		}
	}

	/**
	 * Somebody here approved, held, rejected or trashed a comment, or took that back.
	 *
	 * @param string     $after   The status now.
	 * @param string     $before  The status before.
	 * @param WP_Comment $comment The comment.
	 */
	public static function changed( $after, $before, $comment ): void {
		$id = (int) $comment->comment_ID;
		if ( $after === $before || ! isset( self::WISHES[ $after ] ) || Gavel_Sync::is_applying( $id ) ) {
			return;
		}
		if ( isset( self::$held[ $id ] ) && 'unapproved' === $after ) {
			unset( self::$held[ $id ] );
			return;
		}
		if ( Gavel_Settings::is_on() && self::is_moderated( $comment->comment_type ) ) {
			self::note( $id, self::WISHES[ $after ] );
		}
	}

	/**
	 * The text may have changed. A moderator who edits a decided comment decides the new text too; for anybody else it
	 * waits again.
	 *
	 * @param int $id Of the comment.
	 */
	public static function edited( $id ): void {
		$id      = (int) $id;
		$row     = Gavel_Store::get( $id );
		$comment = get_comment( $id );
		if ( ! $row || ! $comment || ! Gavel_Settings::is_on() || Gavel_Sync::is_applying( $id ) ) {
			return;
		}
		if ( Gavel_Bodies::digest_of( Gavel_Bodies::text( $comment->comment_content ) ) === $row->sent ) {
			return;
		}
		if ( current_user_can( 'moderate_comments' ) ) {
			$wish = self::WISHES[ (string) wp_get_comment_status( $comment ) ] ?? null;
			self::note( $id, 'flag' === $wish ? null : $wish );
			return;
		}
		self::note( $id );
		if ( '1' === (string) $comment->comment_approved ) {
			self::$held[ $id ] = true;
			Gavel_Sync::quietly( $id, fn() => wp_set_comment_status( $id, 'hold' ) );
		}
	}

	/**
	 * A comment is gone for good.
	 *
	 * @param int $id Of the comment.
	 */
	public static function deleted( $id ): void {
		$id  = (int) $id;
		$row = Gavel_Store::get( $id );
		if ( $row && ( Gavel_Sync::is_applying( $id ) || Gavel_Store::was_refused( $row ) ) ) {
			Gavel_Store::forget( $id );
		} elseif ( $row ) {
			self::note( $id, 'withdraw' );
		}
	}

	/**
	 * An article came back from the trash with its comments' old statuses, which may have changed at Gavel.
	 *
	 * @param int $post_id Of the article.
	 */
	public static function article_is_back( $post_id ): void {
		$of_article = array(
			'post_id' => (int) $post_id,
			'fields'  => 'ids',
			'status'  => 'any',
		);
		$ids        = array_map( 'intval', get_comments( $of_article ) );
		foreach ( array_chunk( $ids, 500 ) as $some ) {
			foreach ( array_keys( Gavel_Store::find( $some ) ) as $id ) {
				self::note( $id );
			}
		}
	}

	/**
	 * No mail about a comment that Gavel has not decided, or that is from before.
	 *
	 * @param bool $notify     Whether somebody would be told.
	 * @param int  $comment_id Of the comment.
	 */
	public static function may_notify( $notify, $comment_id ): bool {
		$row       = Gavel_Store::get( (int) $comment_id );
		$undecided = $row && in_array( $row->status, array( '', 'waiting' ), true ) && null === $row->problem;
		$comment   = $undecided ? get_comment( (int) $comment_id ) : null;
		return $notify && ! ( $row && $row->silent ) && ! ( $comment && '0' === (string) $comment->comment_approved );
	}

	/** When the page is done: sends what changed in this request. While Gavel is away, cron does that later. */
	public static function send(): void {
		if ( self::$changed && Gavel_Settings::is_on() && ! Gavel_Client::is_paused() ) {
			$ids = array_slice( array_keys( self::$changed ), 0, self::AT_ONCE );
			Gavel_Sync::settle_all( $ids, time() + 5, array_keys( array_filter( self::$changed ) ) );
		}
		self::$changed = array();
	}

	/**
	 * Whether Gavel decides comments of this type. Notes of orders and the like have types of their own.
	 *
	 * @param string $type Of the comment.
	 */
	public static function is_moderated( string $type ): bool {
		return in_array( '' === $type ? 'comment' : $type, self::types(), true );
	}

	/**
	 * The types of comments that Gavel decides.
	 *
	 * @return string[]
	 */
	public static function types(): array {
		/**
		 * The types of comments that Gavel decides.
		 *
		 * @param string[] $types Such as comment or review.
		 */
		return (array) apply_filters( 'gavel_comment_types', self::TYPES );
	}

	/**
	 * Whether WordPress publishes comments of this writer at once: a moderator, or the article's author.
	 *
	 * @param array<string, mixed> $comment The comment's fields.
	 */
	private static function is_trusted( array $comment ): bool {
		$user_id = (int) ( $comment['user_id'] ?? 0 );
		if ( ! $user_id ) {
			return false;
		}
		return user_can( $user_id, 'moderate_comments' ) || (int) get_post_field( 'post_author', (int) $comment['comment_post_ID'] ) === $user_id;
	}

	/**
	 * Notes a change in the database first, so that it is not lost with this process.
	 *
	 * @param int         $id     Of the comment.
	 * @param string|null $wish   As in the store.
	 * @param bool        $is_new Whether its writer waits.
	 */
	private static function note( int $id, ?string $wish = null, bool $is_new = false ): void {
		Gavel_Store::want( $id, $wish );
		self::$changed[ $id ] = $is_new || ( self::$changed[ $id ] ?? false );
	}
}
