"""An author and the measures about them; reasons for rejection and the ladder."""
