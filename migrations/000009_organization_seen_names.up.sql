-- What is seen of a text: without the characters that are not (Unicode's default ignorable code points and those that act
-- on their neighbours only), and with one space for each run of blanks. Names and codes that look the same are then equal.
CREATE FUNCTION organization.as_seen(typed text) RETURNS text LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE AS $$
    SELECT btrim(regexp_replace(normalize(regexp_replace(typed,
        '[\u00ad\u034f\u061c\u115f\u1160\u17b4\u17b5\u180b-\u180f\u200b-\u200f\u202a-\u202e\u2060-\u206f\u3164\ufe00-\ufe0f\ufeff\uffa0\ufff0-\ufffb\U0001bca0-\U0001bca3\U0001d173-\U0001d17a\U000e0000-\U000e0fff]',
        '', 'g'), NFC), '[ \u00a0\u1680\u2000-\u200a\u202f\u205f\u2800\u3000]+', ' ', 'g'))
$$;

-- Two that look the same and were stored before are kept: the later one has no seen_name until it is called otherwise.
ALTER TABLE organization.organizations ADD COLUMN seen_name text;
UPDATE organization.organizations SET seen_name = earliest.seen
FROM (SELECT DISTINCT ON (organization.as_seen(name)) id, organization.as_seen(name) AS seen
      FROM organization.organizations ORDER BY organization.as_seen(name), id) AS earliest
WHERE organization.organizations.id = earliest.id;
CREATE UNIQUE INDEX organizations_seen_name_key ON organization.organizations (seen_name);

ALTER TABLE organization.departments ADD COLUMN seen_code text;
UPDATE organization.departments SET seen_code = earliest.seen
FROM (SELECT DISTINCT ON (organization_id, organization.as_seen(code)) id, organization.as_seen(code) AS seen
      FROM organization.departments WHERE code IS NOT NULL ORDER BY organization_id, organization.as_seen(code), id) AS earliest
WHERE organization.departments.id = earliest.id;
CREATE UNIQUE INDEX departments_seen_code_key ON organization.departments (organization_id, seen_code);

COMMENT ON COLUMN organization.organizations.seen_name IS 'What is seen of the name, which is unique; null where an organization that looked the same was there before this was kept.';
COMMENT ON COLUMN organization.departments.seen_code IS 'What is seen of the code, which is unique in the organization; null without a code, and where a department with a code that looked the same was there before this was kept.';

CREATE FUNCTION organization.keep_seen_name() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF TG_OP = 'UPDATE' AND NEW.name IS NOT DISTINCT FROM OLD.name THEN
        NEW.seen_name := OLD.seen_name;
    ELSE
        NEW.seen_name := organization.as_seen(NEW.name);
    END IF;
    RETURN NEW;
END
$$;
CREATE TRIGGER organizations_seen_name BEFORE INSERT OR UPDATE OF name, seen_name ON organization.organizations
    FOR EACH ROW EXECUTE FUNCTION organization.keep_seen_name();

CREATE FUNCTION organization.keep_seen_code() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF TG_OP = 'UPDATE' AND NEW.code IS NOT DISTINCT FROM OLD.code AND NEW.organization_id = OLD.organization_id THEN
        NEW.seen_code := OLD.seen_code;
    ELSE
        NEW.seen_code := organization.as_seen(NEW.code);
    END IF;
    RETURN NEW;
END
$$;
CREATE TRIGGER departments_seen_code BEFORE INSERT OR UPDATE OF code, organization_id, seen_code ON organization.departments
    FOR EACH ROW EXECUTE FUNCTION organization.keep_seen_code();
