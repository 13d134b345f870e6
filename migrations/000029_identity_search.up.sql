-- What users are searched by (docs/architecture/search.md). The columns are null at first: the server fills them, in Go, at
-- its start. Adding them and the indexes takes less than a second for 1,000,000 users, during which users cannot be changed;
-- filling them takes some minutes, during which they can.
ALTER TABLE identity.users
    ADD COLUMN search       text COLLATE "C",
    ADD COLUMN search_grams text COLLATE "C";

-- The list of what waits for the index is short, since each search reads it. Neither index is partial: the planner would not
-- use what ANALYZE knows of them.
CREATE INDEX users_search_grams_idx ON identity.users USING gin (string_to_array(search_grams, ' ')) WITH (gin_pending_list_limit = 256);
CREATE INDEX users_search_idx ON identity.users ((left(search, 64)), id);
CREATE INDEX users_unsearched_idx ON identity.users (id) WHERE search IS NULL;

COMMENT ON COLUMN identity.users.search IS 'The name and the email as they are searched; null until the server fills it.';
COMMENT ON COLUMN identity.users.search_grams IS 'The parts by which the index finds the row, separated by spaces.';

-- A text that is changed without its form, by SQL or by a server of an earlier version, is searched by what it was: the
-- server fills it again.
CREATE FUNCTION identity.search_again() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    NEW.search := NULL;
    NEW.search_grams := NULL;
    RETURN NEW;
END
$$;
CREATE TRIGGER users_search_again BEFORE UPDATE OF email, full_name ON identity.users FOR EACH ROW
    WHEN ((lower(OLD.email), lower(OLD.full_name)) IS DISTINCT FROM (lower(NEW.email), lower(NEW.full_name))
        AND (OLD.search, OLD.search_grams) IS NOT DISTINCT FROM (NEW.search, NEW.search_grams))
    EXECUTE FUNCTION identity.search_again();
