DROP TABLE access.role_permissions;
DROP TABLE access.roles;
DROP SCHEMA access;
