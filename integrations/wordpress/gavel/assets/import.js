/* Goes on with the import while the page is open. Cron does so each minute without it. */
( () => {
	const bar = document.getElementById( 'gavel_import' );
	const said = document.getElementById( 'gavel_import_said' );
	if ( ! bar || bar.dataset.running !== '1' ) {
		return;
	}
	const body = new URLSearchParams( { action: 'gavel_import', _ajax_nonce: bar.dataset.nonce } );
	const goOn = async () => {
		let pause = 5000;
		try {
			const answer = await fetch( window.ajaxurl, { method: 'POST', body } );
			if ( answer.status === 403 ) {
				return; // Logged out: cron goes on.
			}
			const state = await answer.json();
			bar.max = state.total;
			bar.value = state.seen;
			said.textContent = state.said;
			if ( ! state.running ) {
				return;
			}
			pause = state.why ? 5000 : 100;
		} catch {
			// The connection was lost: again in a moment.
		}
		setTimeout( goOn, pause );
	};
	goOn();
} )();
