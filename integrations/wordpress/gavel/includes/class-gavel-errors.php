<?php
/**
 * Why a call to Gavel brought nothing.
 *
 * @package Gavel
 */

defined( 'ABSPATH' ) || exit;

/** Gavel does not answer, asks to come back later, or does not take the key: the same call may succeed later. */
class Gavel_Away extends Exception {

	/**
	 * With the seconds after which Gavel wants to be asked again.
	 *
	 * @param string $message       For the people who run the site.
	 * @param int    $retry_after_s At least this long.
	 */
	public function __construct( string $message, public readonly int $retry_after_s = 30 ) {
		parent::__construct( $message );
	}
}

/** Gavel will never take this: the same call would fail again. */
class Gavel_Refused extends Exception {

	/**
	 * With the problem as Gavel describes it.
	 *
	 * @param int                  $status  The HTTP status.
	 * @param array<string, mixed> $problem The answer (RFC 9457).
	 */
	public function __construct( public readonly int $status, public readonly array $problem ) {
		parent::__construct( (string) ( $problem['detail'] ?? $problem['title'] ?? $status ) );
	}

	/** The last part of the problem's type, such as `stale-version`. */
	public function kind(): string {
		$parts = explode( ':', (string) ( $this->problem['type'] ?? '' ) );
		return (string) end( $parts );
	}

	/** Whether Gavel objects only to what describes the article or the author, which it can do without. */
	public function is_about_description(): bool {
		$fields = array_column( (array) ( $this->problem['errors'] ?? array() ), 'field' );
		$others = array_filter( $fields, fn( $field ) => ! preg_match( '/^(article\.(?!id$)|author\.(?!id$)|posted_at$|language$)/', (string) $field ) );
		return 422 === $this->status && $fields && ! $others;
	}
}
