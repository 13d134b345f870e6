DROP TRIGGER roles_search_again ON access.roles;
DROP FUNCTION access.search_again();
ALTER TABLE access.roles DROP COLUMN search, DROP COLUMN search_grams;
