DROP TABLE access.role_permissions;
DROP FUNCTION access.keep_role_permissions();
DROP TABLE access.roles;
DROP SCHEMA access;
