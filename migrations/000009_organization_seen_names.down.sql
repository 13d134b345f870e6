DROP TRIGGER departments_seen_code ON organization.departments;
DROP FUNCTION organization.keep_seen_code();
ALTER TABLE organization.departments DROP COLUMN seen_code;
DROP TRIGGER organizations_seen_name ON organization.organizations;
DROP FUNCTION organization.keep_seen_name();
ALTER TABLE organization.organizations DROP COLUMN seen_name;
DROP FUNCTION organization.as_seen(text);
