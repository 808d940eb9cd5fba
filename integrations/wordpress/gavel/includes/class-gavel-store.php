<?php
/**
 * One row for each comment that Gavel knows or shall know.
 *
 * @package Gavel
 */

defined( 'ABSPATH' ) || exit;

// The table is the plugin's own, it changes with each decision, and no cache may answer for it.
// phpcs:disable WordPress.DB.DirectDatabaseQuery.DirectQuery, WordPress.DB.DirectDatabaseQuery.NoCaching

/**
 * What Gavel knows of a comment, and what it still has to hear. A row outlives its comment until Gavel has heard that
 * the comment is gone.
 *
 * `sent` is the digest of the text that Gavel has, `wish` the decision of a person here that Gavel has not heard yet.
 * `serial` grows with each change made here, so that a call that is under way does not take a newer one for done.
 */
final class Gavel_Store {

	const VERSION  = 2;
	const CLAIM_S  = 60;
	const AGAIN_S  = 600; // A comment that waits is looked up after so long, should its event be lost.
	const LONGEST_S = 3600;

	/** Adds the hooks. */
	public static function register(): void {
		add_action( 'init', array( self::class, 'prepare_if_new' ) );
		add_filter( 'wpmu_drop_tables', array( self::class, 'drop_with_site' ), 10, 2 );
	}

	/**
	 * The table goes with its site of a network.
	 *
	 * @param string[] $tables  That WordPress drops.
	 * @param int      $site_id Of the site.
	 * @return string[]
	 */
	public static function drop_with_site( $tables, $site_id ) {
		global $wpdb;
		$tables['gavel_comments'] = $wpdb->get_blog_prefix( (int) $site_id ) . 'gavel_comments';
		return $tables;
	}

	/** The table's name. */
	public static function table(): string {
		global $wpdb;
		return $wpdb->prefix . 'gavel_comments';
	}

	/** Makes the table, or changes it to this version's form. */
	public static function prepare(): void {
		global $wpdb;
		require_once ABSPATH . 'wp-admin/includes/upgrade.php';
		$table   = self::table();
		$collate = $wpdb->get_charset_collate();
		dbDelta(
			"CREATE TABLE $table (
			comment_id bigint(20) unsigned NOT NULL,
			sent varchar(64) NOT NULL DEFAULT '',
			version int(10) unsigned NOT NULL DEFAULT 0,
			status varchar(10) NOT NULL DEFAULT '',
			wish varchar(10) NOT NULL DEFAULT '',
			why longtext NULL,
			problem text NULL,
			due_at bigint(20) unsigned NOT NULL DEFAULT 0,
			claimed_until bigint(20) unsigned NOT NULL DEFAULT 0,
			tries smallint(5) unsigned NOT NULL DEFAULT 0,
			serial int(10) unsigned NOT NULL DEFAULT 0,
			silent tinyint(1) unsigned NOT NULL DEFAULT 0,
			PRIMARY KEY  (comment_id),
			KEY due_at (due_at)
			) $collate;"
		);
		if ( ! get_option( 'gavel_author_salt' ) ) {
			add_option( 'gavel_author_salt', wp_generate_password( 64, true, true ), '', false );
		}
		update_option( 'gavel_db_version', self::VERSION );
	}

	/** After an update, and on a new site of a network. */
	public static function prepare_if_new(): void {
		if ( self::VERSION !== (int) get_option( 'gavel_db_version' ) ) {
			self::prepare();
		}
	}

	/**
	 * The row of a comment.
	 *
	 * @param int $id Of the comment.
	 */
	public static function get( int $id ): ?object {
		return self::find( array( $id ) )[ $id ] ?? null;
	}

	/**
	 * Whether Gavel never took this comment. One with its number there is then the comment of another WordPress.
	 *
	 * @param object $row Of the comment.
	 */
	public static function was_refused( object $row ): bool {
		return '' === $row->sent && null !== $row->problem;
	}

	/**
	 * The rows of several comments, by the comments' ids.
	 *
	 * @param int[] $ids Of the comments.
	 * @return array<int, object>
	 */
	public static function find( array $ids ): array {
		global $wpdb;
		$found = array();
		if ( $ids ) {
			$marks = implode( ',', array_fill( 0, count( $ids ), '%d' ) );
			// phpcs:ignore WordPress.DB.PreparedSQL.InterpolatedNotPrepared, WordPress.DB.PreparedSQLPlaceholders.UnfinishedPrepare, PluginCheck.Security.DirectDB.UnescapedDBParameter -- the marks are %d.
			foreach ( $wpdb->get_results( $wpdb->prepare( "SELECT * FROM %i WHERE comment_id IN ($marks)", self::table(), ...$ids ) ) as $row ) {
				$row->version                   = (int) $row->version;
				$found[ (int) $row->comment_id ] = $row;
			}
		}
		return $found;
	}

	/**
	 * Notes that Gavel has something to hear about a comment: its text, or `wish`.
	 *
	 * @param int         $id   Of the comment.
	 * @param string|null $wish `publish`, `flag`, `reject`, `spam` or `withdraw`; null leaves an earlier one.
	 * @param int         $in_s Seconds from now.
	 */
	public static function want( int $id, ?string $wish = null, int $in_s = 0 ): void {
		global $wpdb;
		$wpdb->query(
			$wpdb->prepare(
				"INSERT INTO %i (comment_id, wish, due_at) VALUES (%d, %s, %d)
				ON DUPLICATE KEY UPDATE wish = IF(%d, VALUES(wish), wish), due_at = VALUES(due_at), tries = 0, problem = NULL, serial = serial + 1",
				self::table(),
				$id,
				(string) $wish,
				time() + $in_s,
				null === $wish ? 0 : 1
			)
		);
	}

	/**
	 * Nobody gets a mail about these comments, which are from before.
	 *
	 * @param int[] $ids Of the comments.
	 */
	public static function silence( array $ids ): void {
		foreach ( $ids as $id ) {
			self::save( $id, array( 'silent' => 1 ) );
		}
	}

	/** The newest comment that has a row; 0 without any. */
	public static function last(): int {
		global $wpdb;
		return (int) $wpdb->get_var( $wpdb->prepare( 'SELECT MAX(comment_id) FROM %i', self::table() ) );
	}

	/**
	 * The comments whose status is not the one that was shown last, and those that are gone, with the wish that follows.
	 *
	 * @return array<int, string>
	 */
	public static function changed_meanwhile(): array {
		global $wpdb;
		$wishes = array();
		$known  = "SELECT g.*, c.comment_approved AS now FROM %i g LEFT JOIN %i c ON c.comment_ID = g.comment_id WHERE g.wish = '' AND g.sent <> ''
			AND (c.comment_ID IS NULL OR (c.comment_approved = '1' AND g.status <> 'published') OR (c.comment_approved = '0' AND g.status IN ('published', 'rejected', 'withdrawn'))
			OR (c.comment_approved IN ('spam', 'trash') AND g.status NOT IN ('rejected', 'withdrawn')))";
		// phpcs:ignore WordPress.DB.PreparedSQL.NotPrepared, PluginCheck.Security.DirectDB.UnescapedDBParameter -- a text without variables.
		foreach ( $wpdb->get_results( $wpdb->prepare( $known, self::table(), $wpdb->comments ) ) as $row ) {
			if ( 'spam' !== $row->now || 'flagged' !== $row->status || ! Gavel_Reasons::is_sure_spam( $row ) ) {
				$wishes[ (int) $row->comment_id ] = array(
					''      => 'withdraw',
					'1'     => 'publish',
					'0'     => 'flag',
					'spam'  => 'spam',
					'trash' => 'reject',
				)[ (string) $row->now ];
			}
		}
		return $wishes;
	}

	/**
	 * Takes a comment for this process alone. False if another has it.
	 *
	 * @param int $id Of the comment.
	 */
	public static function claim( int $id ): bool {
		global $wpdb;
		$now = time();
		return 1 === $wpdb->query( $wpdb->prepare( 'UPDATE %i SET claimed_until = %d WHERE comment_id = %d AND claimed_until < %d', self::table(), $now + self::CLAIM_S, $id, $now ) );
	}

	/**
	 * The comments that are due, those that are longest due first.
	 *
	 * @param int $limit At most so many.
	 * @return int[]
	 */
	public static function due( int $limit ): array {
		global $wpdb;
		$now = time();
		return array_map( 'intval', $wpdb->get_col( $wpdb->prepare( 'SELECT comment_id FROM %i WHERE due_at BETWEEN 1 AND %d AND claimed_until < %d ORDER BY due_at, comment_id LIMIT %d', self::table(), $now, $now, $limit ) ) );
	}

	/**
	 * Changes fields of a row.
	 *
	 * @param int                  $id     Of the comment.
	 * @param array<string, mixed> $fields By column.
	 */
	public static function save( int $id, array $fields ): void {
		global $wpdb;
		$wpdb->update( self::table(), $fields, array( 'comment_id' => $id ) );
	}

	/**
	 * Notes a newer version of a comment at Gavel. False if this or a newer one is known: then nothing changes.
	 *
	 * @param int         $id      Of the comment.
	 * @param int         $version At Gavel.
	 * @param string      $status  At Gavel.
	 * @param string|null $why     As JSON; null leaves what was said before.
	 */
	public static function newer( int $id, int $version, string $status, ?string $why ): bool {
		global $wpdb;
		return 1 === $wpdb->query(
			$wpdb->prepare(
				'UPDATE %i SET version = %d, status = %s, why = IF(%d, %s, why), problem = NULL, due_at = IF(due_at = 0, %d, due_at) WHERE comment_id = %d AND version < %d',
				self::table(),
				$version,
				$status,
				null === $why ? 0 : 1,
				(string) $why,
				time() + self::CLAIM_S, // Until it is shown, so that a process that dies now loses nothing.
				$id,
				$version
			)
		);
	}

	/**
	 * Takes back a person's wish, unless they have made another meanwhile.
	 *
	 * @param object $row As it was read.
	 */
	public static function drop_wish( object $row ): void {
		global $wpdb;
		$wpdb->query( $wpdb->prepare( "UPDATE %i SET wish = '' WHERE comment_id = %d AND serial = %d", self::table(), $row->comment_id, $row->serial ) );
	}

	/**
	 * Gavel has heard everything that was due when the row was read.
	 *
	 * @param object $row    As it was read.
	 * @param bool   $waits  Whether Gavel has still to decide: then it is looked up again later.
	 */
	public static function settled( object $row, bool $waits ): void {
		global $wpdb;
		$wpdb->query( $wpdb->prepare( 'UPDATE %i SET due_at = IF(serial = %d, %d, due_at), claimed_until = 0, tries = 0 WHERE comment_id = %d', self::table(), $row->serial, $waits ? time() + self::AGAIN_S : 0, $row->comment_id ) );
	}

	/**
	 * The status here is now that of this version, so nothing is due unless something was before.
	 *
	 * @param object $before As the row was before the version came.
	 * @param int    $version That is shown.
	 * @param bool   $waits   Whether Gavel has still to decide.
	 */
	public static function shown( object $before, int $version, bool $waits ): void {
		global $wpdb;
		if ( 0 === (int) $before->due_at || '' === $before->wish ) {
			$wpdb->query( $wpdb->prepare( 'UPDATE %i SET due_at = %d WHERE comment_id = %d AND version = %d AND serial = %d', self::table(), $waits ? time() + self::AGAIN_S : 0, $before->comment_id, $version, $before->serial ) );
		}
	}

	/**
	 * Gavel did not answer: again later, after longer pauses each time.
	 *
	 * @param object $row  As it was read.
	 * @param int    $in_s At least so many seconds from now.
	 */
	public static function postpone( object $row, int $in_s ): void {
		global $wpdb;
		$pause = min( self::LONGEST_S, max( $in_s, 15 * 2 ** min( 10, (int) $row->tries ) ) );
		$wpdb->query( $wpdb->prepare( 'UPDATE %i SET due_at = %d, claimed_until = 0, tries = LEAST(tries + 1, 1000) WHERE comment_id = %d', self::table(), time() + $pause, $row->comment_id ) );
	}

	/** After an outage: what was put off is due now. */
	public static function hasten(): void {
		global $wpdb;
		$wpdb->query( $wpdb->prepare( 'UPDATE %i SET due_at = %d WHERE tries > 0 AND due_at > 0', self::table(), time() ) );
	}

	/**
	 * All that wait or are held are looked up again: Gavel went back to a backup.
	 */
	public static function doubt(): void {
		global $wpdb;
		$wpdb->query( $wpdb->prepare( "UPDATE %i SET due_at = %d WHERE status IN ('waiting', 'flagged')", self::table(), time() ) );
	}

	/** Another Gavel, or another site there, knows none of these comments. */
	public static function begin_again(): void {
		global $wpdb;
		$wpdb->query( $wpdb->prepare( "DELETE FROM %i WHERE status NOT IN ('', 'waiting', 'flagged') OR wish = 'withdraw'", self::table() ) );
		$wpdb->query( $wpdb->prepare( "UPDATE %i SET sent = '', version = 0, status = '', why = NULL, silent = 1, due_at = %d, serial = serial + 1", self::table(), time() ) );
	}

	/**
	 * Deletes a row.
	 *
	 * @param int $id Of the comment.
	 */
	public static function forget( int $id ): void {
		global $wpdb;
		$wpdb->delete( self::table(), array( 'comment_id' => $id ) );
	}

	/**
	 * Deletes the row of a comment that Gavel never had and nobody changed since.
	 *
	 * @param int $id Of the comment.
	 */
	public static function forget_unsent( int $id ): void {
		global $wpdb;
		$wpdb->delete(
			self::table(),
			array(
				'comment_id' => $id,
				'sent'       => '',
				'serial'     => 0,
			)
		);
	}

	/** How many comments Gavel has not decided yet. */
	public static function count_undecided(): int {
		global $wpdb;
		return (int) $wpdb->get_var( $wpdb->prepare( "SELECT COUNT(*) FROM %i WHERE status IN ('', 'waiting') AND problem IS NULL", self::table() ) );
	}
}
