<?php
/**
 * Comments, articles and authors as Gavel's API takes them.
 *
 * @package Gavel
 */

defined( 'ABSPATH' ) || exit;

/** Nothing here leaves the site but what these functions return: no e-mail address is among it. */
final class Gavel_Bodies {

	const DESCRIBED   = '_gavel_article';
	const MOST_CHARS = 20000; // Of an article’s text.
	const CONTROLS    = '/[\x00-\x08\x0B\x0C\x0E-\x1F\x7F]|\xC2[\x80-\x9F]/';

	/**
	 * The body of `POST /v1/comments`.
	 *
	 * @param WP_Comment $comment   The comment.
	 * @param bool       $described Whether article and author come with more than their ids.
	 * @param bool       $answers   Whether Gavel knows the comment that this one answers.
	 * @return array<string, mixed>
	 */
	public static function comment( WP_Comment $comment, bool $described, bool $answers ): array {
		$body = array(
			'id'      => (string) $comment->comment_ID,
			'article' => self::article( (int) $comment->comment_post_ID, $described ),
			'author'  => self::author( $comment, $described ),
			'text'    => self::text( $comment->comment_content ),
		);
		if ( $answers ) {
			$body['parent_id'] = (string) $comment->comment_parent;
		}
		$posted = strtotime( $comment->comment_date_gmt . ' UTC' );
		if ( $described && $posted && $posted > YEAR_IN_SECONDS && $posted <= time() ) {
			$body['posted_at'] = gmdate( 'Y-m-d\TH:i:s\Z', $posted );
		}
		return $body;
	}

	/**
	 * The article with its title, text, section and language, where these are new to Gavel; else its id alone.
	 *
	 * @param int  $post_id   Of the article.
	 * @param bool $described Whether it may come with more than its id.
	 * @return array<string, string>
	 */
	public static function article( int $post_id, bool $described = true ): array {
		$article = array( 'id' => (string) $post_id );
		$post    = get_post( $post_id );
		if ( ! $described || ! $post ) {
			return $article;
		}
		$fields = self::description( $post );
		return self::digest( $fields ) === get_post_meta( $post_id, self::DESCRIBED, true ) ? $article : $article + $fields;
	}

	/**
	 * Notes that Gavel has the article as it is in this body.
	 *
	 * @param array<string, string> $article Of a body.
	 */
	public static function remember_article( array $article ): void {
		$id = (int) $article['id'];
		unset( $article['id'] );
		if ( $article && get_post( $id ) ) {
			update_post_meta( $id, self::DESCRIBED, self::digest( $article ) );
		}
	}

	/**
	 * A text without HTML, as its writer meant it. The address of a link comes behind its words.
	 *
	 * @param string $html As WordPress stores it.
	 */
	public static function text( string $html ): string {
		// A text that is too tangled for the pattern stays as it is.
		$html  = preg_replace( '~<a\s[^>]*?href\s*=\s*(["\'])(.*?)\1[^>]*>(.*?)</a>~is', '$3 $2 ', $html ) ?? $html;
		$html  = preg_replace( '~<br\s*/?>|</(?:p|div|li|blockquote|h[1-6]|tr)>~i', "\n", $html ) ?? $html;
		$plain = trim( self::plain( $html ) );
		return '' === $plain ? trim( self::clean( $html ) ) : $plain;
	}

	/**
	 * The digest by which two texts are compared.
	 *
	 * @param string $text As it is sent.
	 */
	public static function digest_of( string $text ): string {
		return hash( 'sha256', $text );
	}

	/**
	 * The id of a registered writer.
	 *
	 * @param int $user_id In WordPress.
	 */
	public static function user_author( int $user_id ): string {
		return "user:$user_id";
	}

	/**
	 * The id of a guest: a digest of the e-mail address that only this site can make.
	 *
	 * @param string $email The address.
	 */
	public static function guest_author( string $email ): string {
		return 'guest:' . substr( hash_hmac( 'sha256', strtolower( trim( $email ) ), (string) get_option( 'gavel_author_salt' ) ), 0, 32 );
	}

	/**
	 * The writer, with facts that Gavel judges by.
	 *
	 * @param WP_Comment $comment   The comment.
	 * @param bool       $described Whether more than the id may come with it.
	 * @return array<string, string>
	 */
	private static function author( WP_Comment $comment, bool $described ): array {
		$user   = $comment->user_id ? get_userdata( (int) $comment->user_id ) : false;
		$email  = (string) $comment->comment_author_email;
		$known  = '' !== $email ? self::guest_author( $email ) : 'comment:' . $comment->comment_ID;
		$author = array( 'id' => $comment->user_id ? self::user_author( (int) $comment->user_id ) : $known );
		if ( ! $described ) {
			return $author;
		}
		$domain = strtolower( substr( (string) strrchr( $email, '@' ), 1 ) );
		$facts  = array(
			'name'         => mb_substr( self::line( $comment->comment_author ), 0, 200 ),
			'created_at'   => $user ? gmdate( 'Y-m-d\TH:i:s\Z', (int) strtotime( $user->user_registered . ' UTC' ) ) : '',
			'email_domain' => preg_match( '/^[^\s@:\/]+\.[^\s@:\/]+$/', $domain ) ? $domain : '',
			'url'          => self::website( $comment->comment_author_url ),
			'address'      => Gavel_Settings::sends_address() ? self::line( $comment->comment_author_IP ) : '',
		);
		return $author + array_filter( $facts, fn( $fact ) => '' !== $fact );
	}

	/**
	 * The Website field as an address; empty where it is none.
	 *
	 * @param string $url As WordPress stores it.
	 */
	public static function website( string $url ): string {
		$url = self::line( $url );
		return preg_match( '~^http(s?://\S+)$~i', $url, $rest ) ? 'http' . mb_substr( lcfirst( $rest[1] ), 0, 1900 ) : '';
	}

	/**
	 * What Gavel hears of an article besides its id.
	 *
	 * @param WP_Post $post The article.
	 * @return array<string, string>
	 */
	private static function description( WP_Post $post ): array {
		$sections = get_the_category( $post->ID );
		$open     = 'publish' === $post->post_status && '' === $post->post_password;
		/**
		 * The language of an article, for sites that write in several.
		 *
		 * @param string  $language Such as de or pt-BR.
		 * @param WP_Post $post     The article.
		 */
		$language = (string) apply_filters( 'gavel_article_language', get_bloginfo( 'language' ), $post );
		$fields   = array(
			'title'    => mb_substr( self::line( $post->post_title ), 0, 1000 ),
			'url'      => (string) get_permalink( $post ),
			'text'     => $open ? mb_substr( self::text( strip_shortcodes( $post->post_content ) ), 0, self::MOST_CHARS ) : '',
			'section'  => $sections ? mb_substr( self::line( $sections[0]->name ), 0, 100 ) : '',
			'language' => preg_match( '/^[A-Za-z]{2,3}(-[A-Za-z0-9]{1,8})*$/', $language ) ? $language : '',
		);
		return array_filter( $fields, fn( $field ) => '' !== $field );
	}

	/**
	 * The digest by which two descriptions are compared.
	 *
	 * @param array<string, string> $fields Of an article.
	 */
	private static function digest( array $fields ): string {
		return hash( 'sha256', (string) wp_json_encode( $fields ) );
	}

	/**
	 * In one line, without HTML.
	 *
	 * @param string $html Such as a title.
	 */
	private static function line( string $html ): string {
		return trim( (string) preg_replace( '/\s+/u', ' ', self::plain( $html ) ) );
	}

	/**
	 * Without HTML and without what nobody types.
	 *
	 * @param string $html As WordPress stores it.
	 */
	private static function plain( string $html ): string {
		return self::clean( html_entity_decode( wp_strip_all_tags( $html ), ENT_QUOTES | ENT_HTML5, 'UTF-8' ) );
	}

	/**
	 * Without control characters.
	 *
	 * @param string $text Any text.
	 */
	private static function clean( string $text ): string {
		return (string) preg_replace( self::CONTROLS, '', wp_check_invalid_utf8( $text, true ) );
	}
}
