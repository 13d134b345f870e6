DROP INDEX journal.entries_actor_idx, journal.entries_kind_idx;
ALTER TABLE journal.entries ALTER COLUMN kind TYPE text COLLATE "default";
