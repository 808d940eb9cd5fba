<?php
/**
 * Gavel's decisions in words.
 *
 * @package Gavel
 */

defined( 'ABSPATH' ) || exit;

/** For people in wp-admin. What it returns is plain text, which the page escapes. */
final class Gavel_Reasons {

	const OF_SPAM   = array( 'spam', 'links', 'links.blocked', 'links.new', 'contacts', 'repeat', 'campaign', 'author.profile', 'author.published' );
	const SURE      = array( 'links.blocked', 'author.profile' );
	const SURE_FROM = 0.95; // Of the score for spam.

	/**
	 * How the comment is at Gavel.
	 *
	 * @param object $row Of the comment.
	 */
	public static function status( object $row ): string {
		if ( null !== $row->problem ) {
			return __( 'Gavel did not take it', 'gavel' );
		}
		return match ( $row->status ) {
			'published' => __( 'Published', 'gavel' ),
			'flagged'   => __( 'Held for a person', 'gavel' ),
			'rejected'  => __( 'Rejected', 'gavel' ),
			'withdrawn' => __( 'Withdrawn', 'gavel' ),
			'waiting'   => __( 'Gavel has not decided yet', 'gavel' ),
			default     => __( 'Not sent to Gavel yet', 'gavel' ),
		};
	}

	/**
	 * Whether Gavel held a comment for spam alone, and is sure of it.
	 *
	 * @param object $row Of the comment.
	 */
	public static function is_sure_spam( object $row ): bool {
		$why = json_decode( (string) $row->why, true );
		return is_array( $why ) && self::are_sure_of_spam( (array) ( $why['reasons'] ?? array() ) );
	}

	/**
	 * Whether these reasons are about spam alone, and one of them is sure.
	 *
	 * @param array<int, mixed> $reasons Of a decision.
	 * @param float             $from    The score for spam that is sure.
	 */
	public static function are_sure_of_spam( array $reasons, float $from = self::SURE_FROM ): bool {
		$is_sure = false;
		foreach ( $reasons as $reason ) {
			foreach ( empty( $reason['parts'] ) ? array( $reason ) : $reason['parts'] as $part ) {
				$signal = (string) ( $part['signal'] ?? '' );
				if ( ! in_array( $signal, self::OF_SPAM, true ) ) {
					return false;
				}
				$is_sure = $is_sure || in_array( $signal, self::SURE, true ) || ( 'spam' === $signal && (float) ( $part['value'] ?? 0 ) >= $from );
			}
		}
		return $is_sure;
	}

	/**
	 * Who decided and why, a line each.
	 *
	 * @param object $row Of the comment.
	 * @return string[]
	 */
	public static function lines( object $row ): array {
		if ( null !== $row->problem ) {
			return array( $row->problem );
		}
		$why = json_decode( (string) $row->why, true );
		if ( ! is_array( $why ) || '' === $row->status || 'waiting' === $row->status ) {
			return array();
		}
		$lines = array_filter( array( self::by( (string) ( $why['by'] ?? '' ) ), (string) ( $why['reason'] ?? '' ) ) );
		foreach ( (array) ( $why['reasons'] ?? array() ) as $reason ) {
			$lines[] = self::sentence( (array) $reason );
		}
		return array_values( array_filter( $lines ) );
	}

	/**
	 * Who decided.
	 *
	 * @param string $by As an event says.
	 */
	private static function by( string $by ): string {
		return match ( $by ) {
			'moderator' => __( 'By a moderator at Gavel', 'gavel' ),
			'api'       => __( 'By somebody in WordPress', 'gavel' ),
			default     => '',
		};
	}

	/**
	 * One reason.
	 *
	 * @param array<string, mixed> $reason As an event has it.
	 */
	private static function sentence( array $reason ): string {
		$label = (string) ( $reason['label'] ?? '' );
		return match ( (string) ( $reason['code'] ?? '' ) ) {
			'rule'           => self::measured( $label, $reason ),
			'combined'       => implode( ', ', array_filter( array( $label, ...array_map( fn( $part ) => self::measured( (string) ( $part['signal'] ?? '' ), (array) $part ), (array) ( $reason['parts'] ?? array() ) ) ) ) ),
			'missing'        => __( 'A score is missing', 'gavel' ),
			'language'       => __( 'No reliable scores in this language', 'gavel' ),
			'disagreement'   => __( 'Two rules disagree', 'gavel' ),
			'premoderated'   => __( 'A person reads every comment on this article', 'gavel' ),
			'author_hold'    => __( 'A person reads every comment of this author', 'gavel' ),
			'author_trusted' => __( 'The author is trusted', 'gavel' ),
			'scoring_failed' => __( 'The comment could not be scored', 'gavel' ),
			'too_costly'     => __( 'The text takes too long to read', 'gavel' ),
			'scoring_late'   => __( 'Scoring was down for too long', 'gavel' ),
			'rescored'       => __( 'Newer scores disagree with the decision', 'gavel' ),
			'reported'       => __( 'Readers reported it', 'gavel' ),
			'campaign'       => __( 'It is like the comments of a campaign', 'gavel' ),
			default          => $label,
		};
	}

	/**
	 * A value beside its limit.
	 *
	 * @param string               $name Of the rule or the signal.
	 * @param array<string, mixed> $of   With `value` and `limit`.
	 */
	private static function measured( string $name, array $of ): string {
		if ( ! is_numeric( $of['value'] ?? null ) || ! is_numeric( $of['limit'] ?? null ) ) {
			return $name;
		}
		/* translators: 1: name of a score, 2: its value, 3: the limit */
		return sprintf( __( '%1$s: %2$s (limit %3$s)', 'gavel' ), $name, number_format_i18n( (float) $of['value'], 2 ), number_format_i18n( (float) $of['limit'], 2 ) );
	}
}
