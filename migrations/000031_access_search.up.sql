-- What roles are searched by, as users and departments are (see the migrations before): the server fills it.
ALTER TABLE access.roles
    ADD COLUMN search       text COLLATE "C",
    ADD COLUMN search_grams text COLLATE "C";
CREATE INDEX roles_search_grams_idx ON access.roles USING gin (string_to_array(search_grams, ' ')) WITH (gin_pending_list_limit = 256);
CREATE INDEX roles_search_idx ON access.roles ((left(search, 64)), id);
CREATE INDEX roles_unsearched_idx ON access.roles (id) WHERE search IS NULL;

COMMENT ON COLUMN access.roles.search IS 'The name and the description as they are searched; null until the server fills it.';
COMMENT ON COLUMN access.roles.search_grams IS 'The parts by which the index finds the row, separated by spaces.';

CREATE FUNCTION access.search_again() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    NEW.search := NULL;
    NEW.search_grams := NULL;
    RETURN NEW;
END
$$;
CREATE TRIGGER roles_search_again BEFORE UPDATE OF name, description ON access.roles FOR EACH ROW
    WHEN ((lower(OLD.name), lower(OLD.description)) IS DISTINCT FROM (lower(NEW.name), lower(NEW.description))
        AND (OLD.search, OLD.search_grams) IS NOT DISTINCT FROM (NEW.search, NEW.search_grams))
    EXECUTE FUNCTION access.search_again();
