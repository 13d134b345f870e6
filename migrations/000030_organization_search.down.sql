DROP TRIGGER organizations_search_again ON organization.organizations;
DROP TRIGGER departments_search_again ON organization.departments;
DROP FUNCTION organization.search_again();
ALTER TABLE organization.organizations DROP COLUMN search, DROP COLUMN search_grams;
ALTER TABLE organization.departments DROP COLUMN search, DROP COLUMN search_grams;
