DROP TRIGGER roles_seen_name ON access.roles;
DROP FUNCTION access.keep_seen_name();
ALTER TABLE access.roles DROP COLUMN seen_name;
DROP FUNCTION access.as_seen(text);
