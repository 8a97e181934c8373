"""The steps from an event to a person: noticing, mailing, reading."""
