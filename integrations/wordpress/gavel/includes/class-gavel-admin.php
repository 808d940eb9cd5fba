<?php
/**
 * The pages in wp-admin: the settings, and why a comment is held.
 *
 * @package Gavel
 */

defined( 'ABSPATH' ) || exit;

/** Everything it prints is escaped where it is printed. */
final class Gavel_Admin {

	const PAGE = 'gavel';

	/** Adds the hooks. */
	public static function register(): void {
		add_action( 'admin_menu', array( self::class, 'add_page' ) );
		add_action( 'admin_init', array( self::class, 'add_settings' ) );
		add_action( 'admin_post_gavel_test', array( self::class, 'test' ) );
		add_action( 'add_option_' . Gavel_Settings::OPTION, array( self::class, 'connect_new' ), 10, 2 );
		add_action( 'update_option_' . Gavel_Settings::OPTION, array( self::class, 'connect_changed' ), 10, 2 );
		add_action( 'admin_notices', array( self::class, 'show_outage' ) );
		add_filter( 'manage_edit-comments_columns', array( self::class, 'add_column' ) );
		add_action( 'manage_comments_custom_column', array( self::class, 'print_column' ), 10, 2 );
		add_filter( 'the_comments', array( self::class, 'read_rows' ) );
		add_action( 'add_meta_boxes_comment', array( self::class, 'add_box' ) );
		add_filter( 'plugin_action_links_gavel/gavel.php', array( self::class, 'add_link' ) );
	}

	/** Settings → Gavel. */
	public static function add_page(): void {
		add_options_page( __( 'Gavel', 'gavel' ), __( 'Gavel', 'gavel' ), 'manage_options', self::PAGE, array( self::class, 'print_page' ) );
	}

	/** The fields of the page. */
	public static function add_settings(): void {
		register_setting(
			self::PAGE,
			Gavel_Settings::OPTION,
			array(
				'type'              => 'object',
				'sanitize_callback' => array( Gavel_Settings::class, 'sanitize' ),
				'show_in_rest'      => false,
				'autoload'          => true,
			)
		);
		add_settings_section( 'gavel_main', '', '__return_null', self::PAGE );
		add_settings_field( 'gavel_url', __( 'Address of Gavel', 'gavel' ), array( self::class, 'print_url' ), self::PAGE, 'gavel_main', array( 'label_for' => 'gavel_url' ) );
		add_settings_field( 'gavel_key', __( 'Key', 'gavel' ), array( self::class, 'print_key' ), self::PAGE, 'gavel_main', array( 'label_for' => 'gavel_key' ) );
		add_settings_field( 'gavel_send_address', __( 'Network address', 'gavel' ), array( self::class, 'print_send_address' ), self::PAGE, 'gavel_main', array( 'label_for' => 'gavel_send_address' ) );
		add_settings_field( 'gavel_check_forms', __( 'Contact forms', 'gavel' ), array( self::class, 'print_check_forms' ), self::PAGE, 'gavel_main', array( 'label_for' => 'gavel_check_forms' ) );
	}

	/** The page. */
	public static function print_page(): void {
		if ( ! current_user_can( 'manage_options' ) ) {
			return;
		}
		echo '<div class="wrap"><h1>' . esc_html__( 'Gavel', 'gavel' ) . '</h1>';
		echo '<p>' . esc_html__( 'Gavel reads each comment before readers see it. Until it has decided, the comment is pending.', 'gavel' ) . '</p>';
		self::print_result();
		echo '<form action="' . esc_url( admin_url( 'options.php' ) ) . '" method="post">';
		settings_fields( self::PAGE );
		do_settings_sections( self::PAGE );
		submit_button();
		echo '</form>';
		echo '<h2>' . esc_html__( 'Connection', 'gavel' ) . '</h2>';
		$site = (array) get_option( Gavel_Connection::SITE, array() );
		if ( isset( $site['name'] ) ) {
			/* translators: 1: name of a site, 2: number of comments */
			echo '<p>' . esc_html( sprintf( __( 'Site at Gavel: %1$s. Comments without a decision: %2$s.', 'gavel' ), $site['name'], number_format_i18n( Gavel_Store::count_undecided() ) ) ) . '</p>';
		}
		echo '<form action="' . esc_url( admin_url( 'admin-post.php' ) ) . '" method="post"><input type="hidden" name="action" value="gavel_test">';
		wp_nonce_field( 'gavel_test' );
		submit_button( __( 'Test the connection', 'gavel' ), 'secondary', 'gavel_test', false );
		echo '</form>';
		Gavel_Import_Page::print_part();
		echo '</div>';
	}

	/** A field of the page. */
	public static function print_url(): void {
		if ( defined( 'GAVEL_URL' ) ) {
			echo '<code>' . esc_html( Gavel_Settings::url() ) . '</code> ' . esc_html__( 'set in wp-config.php', 'gavel' );
			return;
		}
		printf( '<input type="url" id="gavel_url" name="%s[url]" value="%s" class="regular-text code" placeholder="https://gavel.example">', esc_attr( Gavel_Settings::OPTION ), esc_attr( Gavel_Settings::url() ) );
	}

	/** A field of the page. The key itself is never printed. */
	public static function print_key(): void {
		if ( Gavel_Settings::has_fixed_key() ) {
			echo esc_html__( 'set in wp-config.php', 'gavel' );
			return;
		}
		printf( '<input type="password" id="gavel_key" name="%s[key]" value="" class="regular-text code" autocomplete="off" aria-describedby="gavel_key_help">', esc_attr( Gavel_Settings::OPTION ) );
		$stored = '' === Gavel_Settings::key() ? '' : __( 'A key is stored. Leave this empty to keep it.', 'gavel' ) . ' ';
		echo '<p class="description" id="gavel_key_help">' . esc_html( $stored . __( 'It needs the scopes post, read and moderate.', 'gavel' ) ) . '</p>';
	}

	/** A field of the page. */
	public static function print_send_address(): void {
		printf( '<label><input type="checkbox" id="gavel_send_address" name="%s[send_address]" value="1"%s> %s</label>', esc_attr( Gavel_Settings::OPTION ), checked( Gavel_Settings::sends_address(), true, false ), esc_html__( 'Send the writer’s IP address, of which Gavel keeps a digest for 30 days', 'gavel' ) );
		echo '<p class="description">' . esc_html__( 'With it Gavel notices bursts of comments from one place. E-mail addresses are never sent, only their domains.', 'gavel' ) . '</p>';
	}

	/** A field of the page. */
	public static function print_check_forms(): void {
		printf( '<label><input type="checkbox" id="gavel_check_forms" name="%s[check_forms]" value="1"%s> %s</label>', esc_attr( Gavel_Settings::OPTION ), checked( Gavel_Settings::checks_forms(), true, false ), esc_html__( 'Check messages in Contact Form 7, Jetpack and WPForms for spam', 'gavel' ) );
		echo '<p class="description">' . esc_html__( 'The key needs the scope score too. Gavel stores no message. If it does not answer in two seconds, the message is let through.', 'gavel' ) . '</p>';
	}

	/** The button. */
	public static function test(): void {
		check_admin_referer( 'gavel_test' );
		if ( ! current_user_can( 'manage_options' ) ) {
			wp_die( esc_html__( 'You may not change these settings.', 'gavel' ), '', array( 'response' => 403 ) );
		}
		set_transient( 'gavel_test_' . get_current_user_id(), Gavel_Connection::test(), MINUTE_IN_SECONDS );
		wp_safe_redirect( admin_url( 'options-general.php?page=' . self::PAGE ) );
		exit;
	}

	/**
	 * After the first save.
	 *
	 * @param string               $_option Its name.
	 * @param array<string, mixed> $value   As stored.
	 */
	public static function connect_new( $_option, $value ): void {
		self::connect_changed( array(), $value );
	}

	/**
	 * After a save.
	 *
	 * @param array<string, mixed> $before As it was stored.
	 * @param array<string, mixed> $after  As it is stored now.
	 */
	public static function connect_changed( $before, $after ): void {
		if ( ! Gavel_Settings::is_on() || array( $before['url'] ?? '', $before['key'] ?? '' ) === array( $after['url'] ?? '', $after['key'] ?? '' ) ) {
			return;
		}
		delete_option( Gavel_Client::AWAY );
		Gavel_Connection::doubt();
		try {
			Gavel_Connection::connect();
		} catch ( Gavel_Away | Gavel_Refused $e ) {
			if ( function_exists( 'add_settings_error' ) ) {
				/* translators: %s: an error message */
				$text = sprintf( __( 'The settings are saved, but Gavel cannot be used: %s', 'gavel' ), $e->getMessage() );
				add_settings_error( Gavel_Settings::OPTION, 'gavel_connect', esc_html( $text ) ); // WordPress prints it as it is.
			}
		}
	}

	/** On the list of comments: since when Gavel is away. */
	public static function show_outage(): void {
		$screen = get_current_screen();
		$outage = Gavel_Client::outage();
		if ( ! $outage || ! $screen || ! in_array( $screen->id, array( 'edit-comments', 'settings_page_gavel' ), true ) || ! current_user_can( 'moderate_comments' ) ) {
			return;
		}
		/* translators: 1: a time span such as "5 mins", 2: an error message, 3: number of comments */
		$text = sprintf( __( 'Gavel has been away for %1$s: %2$s Comments stay pending (%3$s now) and are sent when it is back.', 'gavel' ), human_time_diff( $outage['since'] ), rtrim( $outage['why'], '. ' ) . '.', number_format_i18n( Gavel_Store::count_undecided() ) );
		echo '<div class="notice notice-warning"><p>' . esc_html( $text ) . '</p></div>';
	}

	/**
	 * The column in the list of comments.
	 *
	 * @param array<string, string> $columns Of the list.
	 * @return array<string, string>
	 */
	public static function add_column( $columns ) {
		$columns['gavel'] = __( 'Gavel', 'gavel' );
		return $columns;
	}

	/**
	 * One cell.
	 *
	 * @param string $column Its name.
	 * @param int    $id     Of the comment.
	 */
	public static function print_column( $column, $id ): void {
		if ( 'gavel' === $column ) {
			self::print_why( self::$rows[ (int) $id ] ?? Gavel_Store::get( (int) $id ) );
		}
	}

	/**
	 * The rows of the comments in the list, read at once.
	 *
	 * @var array<int, object>
	 */
	private static array $rows = array();

	/**
	 * Reads the rows of a whole list.
	 *
	 * @param array<int, mixed> $comments Of a query.
	 * @return array<int, mixed>
	 */
	public static function read_rows( $comments ) {
		if ( is_admin() && function_exists( 'get_current_screen' ) && 'edit-comments' === ( get_current_screen()->id ?? '' ) ) {
			$ids         = array_map( fn( $comment ) => (int) $comment->comment_ID, array_filter( $comments, fn( $comment ) => $comment instanceof WP_Comment ) );
			self::$rows += Gavel_Store::find( $ids );
		}
		return $comments;
	}

	/** On the page of one comment. */
	public static function add_box(): void {
		add_meta_box( 'gavel_why', __( 'Gavel', 'gavel' ), array( self::class, 'print_box' ), 'comment', 'normal' );
	}

	/**
	 * The box on the page of one comment.
	 *
	 * @param WP_Comment $comment The comment.
	 */
	public static function print_box( $comment ): void {
		self::print_why( Gavel_Store::get( (int) $comment->comment_ID ) );
	}

	/**
	 * The link beside the plugin's name.
	 *
	 * @param string[] $links Of the plugin.
	 * @return string[]
	 */
	public static function add_link( $links ) {
		$page = '<a href="' . esc_url( admin_url( 'options-general.php?page=' . self::PAGE ) ) . '">' . esc_html__( 'Settings', 'gavel' ) . '</a>';
		return array( $page, ...$links );
	}

	/**
	 * How a comment is at Gavel, and why.
	 *
	 * @param object|null $row Of the comment.
	 */
	private static function print_why( ?object $row ): void {
		if ( ! $row ) {
			echo '<span aria-hidden="true">—</span><span class="screen-reader-text">' . esc_html__( 'Gavel does not know this comment', 'gavel' ) . '</span>';
			return;
		}
		echo '<strong>' . esc_html( Gavel_Reasons::status( $row ) ) . '</strong>';
		foreach ( Gavel_Reasons::lines( $row ) as $line ) {
			echo '<br>' . esc_html( $line );
		}
	}

	/** The result of the last test, once. */
	private static function print_result(): void {
		$name  = 'gavel_test_' . get_current_user_id();
		$lines = get_transient( $name );
		if ( ! is_array( $lines ) ) {
			return;
		}
		delete_transient( $name );
		foreach ( $lines as $line ) {
			printf( '<div class="notice inline %s"><p>%s</p></div>', esc_attr( $line['ok'] ? 'notice-success' : 'notice-error' ), esc_html( $line['text'] ) );
		}
	}
}
