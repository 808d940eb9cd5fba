<?php
/**
 * Messages from contact forms, which Gavel checks for spam and stores nowhere.
 *
 * @package Gavel
 */

defined( 'ABSPATH' ) || exit;

/** A message is kept back for sure spam alone. Where Gavel is away, late or in doubt, it is let through: nobody else
 * reads it, and a lost one is worse than an advertisement. */
final class Gavel_Forms {

	const LONGEST_S  = 2;
	const MOST_CHARS = 20000;
	const NO_TEXT    = array( 'captcha', 'divider', 'file-upload', 'html', 'hidden', 'pagebreak', 'password' );

	/** Adds the hooks. They do nothing where the form's plugin is missing. */
	public static function register(): void {
		add_filter( 'wpcf7_spam', array( self::class, 'contact_form_7' ), 20, 2 );
		add_filter( 'jetpack_contact_form_is_spam', array( self::class, 'jetpack' ), 20, 2 );
		add_action( 'wpforms_process', array( self::class, 'wpforms' ), 20, 3 );
	}

	/**
	 * Contact Form 7 sends no mail about spam, and shows its sender that.
	 *
	 * @param bool        $is_spam    So far.
	 * @param object|null $submission Of the form.
	 * @return bool
	 */
	public static function contact_form_7( $is_spam, $submission = null ) {
		if ( $is_spam || ! is_object( $submission ) || ! method_exists( $submission, 'get_posted_data' ) ) {
			return $is_spam;
		}
		$fields = array_map( fn( $value ) => implode( ', ', array_filter( (array) $value, 'is_scalar' ) ), (array) $submission->get_posted_data() );
		$fields = array_filter( $fields, fn( $name ) => ! str_starts_with( (string) $name, '_' ), ARRAY_FILTER_USE_KEY );
		if ( ! self::is_spam( $fields, self::named( $fields, 'name' ), self::named( $fields, 'url|website' ) ) ) {
			return false;
		}
		if ( method_exists( $submission, 'add_spam_log' ) ) {
			$log = array(
				'agent'  => 'gavel',
				'reason' => __( 'Gavel is sure that this is spam.', 'gavel' ),
			);
			$submission->add_spam_log( $log );
		}
		return true;
	}

	/**
	 * Jetpack puts spam among the spam of its messages.
	 *
	 * @param bool|WP_Error        $is_spam So far.
	 * @param array<string, mixed> $form    As Akismet gets it.
	 * @return bool|WP_Error
	 */
	public static function jetpack( $is_spam, $form = array() ) {
		if ( $is_spam || ! is_array( $form ) ) {
			return $is_spam;
		}
		$said = fn( string $name ) => is_scalar( $form[ $name ] ?? null ) ? (string) $form[ $name ] : '';
		return self::is_spam( array( $said( 'comment_content' ), $said( 'comment_author_email' ) ), $said( 'comment_author' ), $said( 'comment_author_url' ) );
	}

	/**
	 * WPForms throws spam away without a word, so its sender is told that the message was not sent.
	 *
	 * @param array<int, array<string, mixed>> $fields Of the form.
	 * @param array<string, mixed>             $_entry As it was sent.
	 * @param array<string, mixed>             $form   The form.
	 */
	public static function wpforms( $fields, $_entry = array(), $form = array() ): void {
		$given = array_filter( (array) $fields, fn( $field ) => is_scalar( $field['value'] ?? null ) && ! in_array( $field['type'] ?? '', self::NO_TEXT, true ) );
		$typed = array_column( $given, 'value', 'type' );
		if ( function_exists( 'wpforms' ) && self::is_spam( array_column( $given, 'value' ), (string) ( $typed['name'] ?? '' ), (string) ( $typed['url'] ?? '' ) ) ) {
			wpforms()->process->errors[ $form['id'] ?? 0 ]['footer'] = esc_html__( 'Your message was not sent, because it looks like spam.', 'gavel' );
		}
	}

	/**
	 * Whether Gavel is sure that a message is spam.
	 *
	 * @param array<int|string, mixed> $texts Of its fields. An e-mail address is not sent.
	 * @param string                   $name  Of its writer.
	 * @param string                   $url   Of their website.
	 */
	private static function is_spam( array $texts, string $name, string $url ): bool {
		$texts  = array_filter( array_map( 'strval', $texts ), fn( $text ) => '' !== trim( $text ) );
		$emails = array_filter( $texts, 'is_email' );
		$text   = Gavel_Bodies::text( mb_substr( implode( "\n", array_diff( $texts, $emails ) ), 0, self::MOST_CHARS ) );
		if ( '' === $text || ! Gavel_Settings::is_on() || ! Gavel_Settings::checks_forms() || Gavel_Client::is_paused() ) {
			return false;
		}
		$author = array(
			'id'   => $emails ? Gavel_Bodies::guest_author( (string) reset( $emails ) ) : 'form',
			'name' => mb_substr( Gavel_Bodies::text( $name ), 0, 200 ),
			'url'  => Gavel_Bodies::website( $url ),
		);
		$body   = array(
			'text'        => $text,
			'author'      => array_filter( $author, fn( $fact ) => '' !== $fact ),
			'deadline_ms' => 1500,
		);
		list( $status, $checked ) = Gavel_Client::check( $body, self::LONGEST_S );
		return 200 === $status && Gavel_Reasons::are_sure_of_spam( (array) ( $checked['reasons'] ?? array() ), 'reject' === ( $checked['verdict'] ?? '' ) ? 0 : Gavel_Reasons::SURE_FROM );
	}

	/**
	 * The first field with a word in its name.
	 *
	 * @param array<string, string> $fields By name.
	 * @param string                $word   A pattern.
	 */
	private static function named( array $fields, string $word ): string {
		foreach ( $fields as $name => $value ) {
			if ( preg_match( "/$word/i", (string) $name ) ) {
				return $value;
			}
		}
		return '';
	}
}
