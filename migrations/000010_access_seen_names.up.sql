-- What is seen of a text: without the characters that are not (Unicode's default ignorable code points and those that act
-- on their neighbours only), and with one space for each run of blanks. Names that look the same are then equal.
CREATE FUNCTION access.as_seen(typed text) RETURNS text LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE AS $$
    SELECT btrim(regexp_replace(normalize(regexp_replace(typed,
        '[\u00ad\u034f\u061c\u115f\u1160\u17b4\u17b5\u180b-\u180f\u200b-\u200f\u202a-\u202e\u2060-\u206f\u3164\ufe00-\ufe0f\ufeff\uffa0\ufff0-\ufffb\U0001bca0-\U0001bca3\U0001d173-\U0001d17a\U000e0000-\U000e0fff]',
        '', 'g'), NFC), '[ \u00a0\u1680\u2000-\u200a\u202f\u205f\u2800\u3000]+', ' ', 'g'))
$$;

-- Two that look the same and were stored before are kept: the later one has no seen_name until it is called otherwise.
ALTER TABLE access.roles ADD COLUMN seen_name text;
UPDATE access.roles SET seen_name = earliest.seen
FROM (SELECT DISTINCT ON (access.as_seen(name)) id, access.as_seen(name) AS seen
      FROM access.roles WHERE deleted_at IS NULL ORDER BY access.as_seen(name), id) AS earliest
WHERE access.roles.id = earliest.id;
CREATE UNIQUE INDEX roles_seen_name_key ON access.roles (seen_name) WHERE deleted_at IS NULL;

COMMENT ON COLUMN access.roles.seen_name IS 'What is seen of the name, which is unique; null where a role that looked the same was there before this was kept.';

CREATE FUNCTION access.keep_seen_name() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF TG_OP = 'UPDATE' AND NEW.name IS NOT DISTINCT FROM OLD.name THEN
        NEW.seen_name := OLD.seen_name;
    ELSE
        NEW.seen_name := access.as_seen(NEW.name);
    END IF;
    RETURN NEW;
END
$$;
CREATE TRIGGER roles_seen_name BEFORE INSERT OR UPDATE OF name, seen_name ON access.roles
    FOR EACH ROW EXECUTE FUNCTION access.keep_seen_name();
