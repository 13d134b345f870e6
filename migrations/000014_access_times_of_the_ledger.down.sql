DROP TRIGGER role_permissions_times ON access.role_permissions;
DROP FUNCTION access.keep_role_permission_times();
DROP TRIGGER grants_times ON access.grants;
DROP FUNCTION access.keep_grant_times();
