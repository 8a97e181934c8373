-- A person's total of the day is written again for each session of that day: room on its page keeps
-- the new version beside the old one, and both indexes as they are.
ALTER TABLE contact_totals SET (fillfactor = 60);
