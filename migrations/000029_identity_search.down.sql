DROP TRIGGER users_search_again ON identity.users;
DROP FUNCTION identity.search_again();
ALTER TABLE identity.users DROP COLUMN search, DROP COLUMN search_grams;
