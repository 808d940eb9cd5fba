<?php
/**
 * Calls to Gavel over HTTP.
 *
 * @package Gavel
 */

defined( 'ABSPATH' ) || exit;

// Messages of exceptions are escaped where a page prints them.
// phpcs:disable WordPress.Security.EscapeOutput.ExceptionNotEscaped

/** One call at a time, with a deadline. It remembers that Gavel is away, so that not every reader waits for it. */
final class Gavel_Client {

	const TIMEOUT_S = 6;
	const AWAY      = 'gavel_away';

	/**
	 * What Gavel answers to a call.
	 *
	 * @param string                    $method  GET, POST, PUT, PATCH or DELETE.
	 * @param string                    $path    From /v1 on.
	 * @param array<string, mixed>|null $body    Sent as JSON.
	 * @param array<string, string>     $headers Further headers.
	 * @param int                       $timeout Seconds.
	 * @return array<string, mixed>
	 * @throws Gavel_Away    If the same call may succeed later.
	 * @throws Gavel_Refused If it will not.
	 */
	public static function call( string $method, string $path, ?array $body = null, array $headers = array(), int $timeout = self::TIMEOUT_S ): array {
		$response = wp_remote_request( Gavel_Settings::url() . $path, self::request( $method, $body, $headers, $timeout ) );
		if ( is_wp_error( $response ) ) {
			throw self::away( $response->get_error_message() );
		}
		return self::read( $response );
	}

	/**
	 * The status and the answer to a check of a text, which nobody stores. A failure holds up nothing else; then the
	 * status is 0.
	 *
	 * @param array<string, mixed> $body    Sent as JSON.
	 * @param int                  $timeout Seconds.
	 * @return array{0: int, 1: array<string, mixed>}
	 */
	public static function check( array $body, int $timeout ): array {
		$response = wp_remote_request( Gavel_Settings::url() . '/v1/check', self::request( 'POST', $body, array(), $timeout ) );
		$answer   = json_decode( wp_remote_retrieve_body( $response ), true );
		return array( (int) wp_remote_retrieve_response_code( $response ), is_array( $answer ) ? $answer : array() );
	}

	/**
	 * A path with a comment's or an author's id in it.
	 *
	 * @param string $before Such as /v1/comments/.
	 * @param string $id     The id.
	 * @param string $after  Such as /decisions.
	 */
	public static function path( string $before, string $id, string $after = '' ): string {
		return $before . rawurlencode( $id ) . $after;
	}

	/**
	 * Since when Gavel has been away, until when nobody asks it, and why; null while it answers.
	 *
	 * @return array{since: int, until: int, why: string}|null
	 */
	public static function outage(): ?array {
		$found = get_option( self::AWAY );
		return is_array( $found ) ? $found : null;
	}

	/** Whether a request of a reader had better not try. */
	public static function is_paused(): bool {
		$outage = self::outage();
		return null !== $outage && $outage['until'] > time();
	}

	/**
	 * A request as WordPress sends it.
	 *
	 * @param string                    $method  As in call().
	 * @param array<string, mixed>|null $body    As in call().
	 * @param array<string, string>     $headers As in call().
	 * @param int                       $timeout Seconds.
	 * @return array<string, mixed>
	 */
	private static function request( string $method, ?array $body, array $headers, int $timeout ): array {
		$request = array(
			'method'      => $method,
			'timeout'     => $timeout,
			'redirection' => 0, // A redirect would take the key elsewhere.
			'user-agent'  => 'Gavel-WordPress/' . GAVEL_VERSION,
			'headers'     => array( 'Authorization' => 'Bearer ' . Gavel_Settings::key() ) + $headers,
		);
		if ( null !== $body ) {
			$request['headers']['Content-Type'] = 'application/json';
			$request['body']                    = wp_json_encode( (object) $body, JSON_UNESCAPED_UNICODE | JSON_UNESCAPED_SLASHES );
		}
		return $request;
	}

	/**
	 * The answer's JSON.
	 *
	 * @param array<string, mixed> $response Of wp_remote_request.
	 * @return array<string, mixed>
	 * @throws Gavel_Away    If the same call may succeed later.
	 * @throws Gavel_Refused If it will not.
	 */
	private static function read( array $response ): array {
		$status = (int) wp_remote_retrieve_response_code( $response );
		$answer = json_decode( wp_remote_retrieve_body( $response ), true );
		$after  = min( 300, max( 5, (int) wp_remote_retrieve_header( $response, 'retry-after' ) ) );
		if ( $status < 200 || $status >= 500 || ! is_array( $answer ) ) {
			/* translators: %d: a status of HTTP, such as 502 */
			throw self::away( sprintf( __( 'Its address answers with status %d.', 'gavel' ), $status ), max( 30, $after ) );
		}
		$problem = new Gavel_Refused( $status, $answer );
		if ( 401 === $status || ( 403 === $status && 'author-suspended' !== $problem->kind() ) ) {
			throw self::away( $problem->getMessage(), 60 );
		}
		if ( 'author-rate-limited' === $problem->kind() ) {
			throw new Gavel_Away( $problem->getMessage(), $after ); // Of one reader: others need not wait.
		}
		if ( 408 === $status || 429 === $status ) {
			throw self::away( $problem->getMessage(), $after );
		}
		if ( null !== self::outage() ) {
			delete_option( self::AWAY );
		}
		if ( $status >= 300 ) {
			throw $problem;
		}
		return $answer;
	}

	/**
	 * Notes that Gavel is away, or must not be used.
	 *
	 * @param string $why           For the people who run the site.
	 * @param int    $retry_after_s How long nobody asks again.
	 */
	public static function away( string $why, int $retry_after_s = 30 ): Gavel_Away {
		$outage = self::outage();
		$noted  = array(
			'since' => $outage['since'] ?? time(),
			'until' => time() + $retry_after_s,
			'why'   => $why,
		);
		update_option( self::AWAY, $noted, false );
		return new Gavel_Away( $why, $retry_after_s );
	}
}
