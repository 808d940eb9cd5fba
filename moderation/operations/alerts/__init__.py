"""Alerts to Slack, Teams, Mattermost and mail: what a site's people hear of while nobody looks at the desk.

A look stores what happened, once for each target; a deliverer sends it, bundled and outside quiet hours. It may import
every wing, and no web framework.
"""
