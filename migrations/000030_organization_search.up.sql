-- What organizations and departments are searched by, as users are (see the migration before): the server fills it.
ALTER TABLE organization.organizations
    ADD COLUMN search       text COLLATE "C",
    ADD COLUMN search_grams text COLLATE "C";
CREATE INDEX organizations_search_grams_idx ON organization.organizations USING gin (string_to_array(search_grams, ' ')) WITH (gin_pending_list_limit = 256);
CREATE INDEX organizations_search_idx ON organization.organizations ((left(search, 64)), id);
CREATE INDEX organizations_unsearched_idx ON organization.organizations (id) WHERE search IS NULL;

ALTER TABLE organization.departments
    ADD COLUMN search       text COLLATE "C",
    ADD COLUMN search_grams text COLLATE "C";
CREATE INDEX departments_search_grams_idx ON organization.departments USING gin (string_to_array(search_grams, ' ')) WITH (gin_pending_list_limit = 256);
CREATE INDEX departments_search_idx ON organization.departments ((left(search, 64)), id);
CREATE INDEX departments_unsearched_idx ON organization.departments (id) WHERE search IS NULL;

COMMENT ON COLUMN organization.organizations.search IS 'The name and the description as they are searched; null until the server fills it.';
COMMENT ON COLUMN organization.organizations.search_grams IS 'The parts by which the index finds the row, separated by spaces.';
COMMENT ON COLUMN organization.departments.search IS 'The name and the code as they are searched; null until the server fills it.';
COMMENT ON COLUMN organization.departments.search_grams IS 'The parts by which the index finds the row, separated by spaces.';

CREATE FUNCTION organization.search_again() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    NEW.search := NULL;
    NEW.search_grams := NULL;
    RETURN NEW;
END
$$;
CREATE TRIGGER organizations_search_again BEFORE UPDATE OF name, description ON organization.organizations FOR EACH ROW
    WHEN ((lower(OLD.name), lower(OLD.description)) IS DISTINCT FROM (lower(NEW.name), lower(NEW.description))
        AND (OLD.search, OLD.search_grams) IS NOT DISTINCT FROM (NEW.search, NEW.search_grams))
    EXECUTE FUNCTION organization.search_again();
CREATE TRIGGER departments_search_again BEFORE UPDATE OF name, code ON organization.departments FOR EACH ROW
    WHEN ((lower(OLD.name), lower(OLD.code)) IS DISTINCT FROM (lower(NEW.name), lower(NEW.code))
        AND (OLD.search, OLD.search_grams) IS NOT DISTINCT FROM (NEW.search, NEW.search_grams))
    EXECUTE FUNCTION organization.search_again();
