"""An author and the measures about them; notifiers; reasons for rejection and the ladder."""
