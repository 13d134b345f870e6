DROP TABLE organization.organizations;
DROP SCHEMA organization;
