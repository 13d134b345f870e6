DROP TABLE organization.departments;
