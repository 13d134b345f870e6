-- Each order of the lists of organizations and departments is an index.
--
-- On 100,000 departments: 0.1 s for each index, in which departments are read and not changed; 60 MB.
CREATE INDEX organizations_name_idx ON organization.organizations (name, id) WHERE deleted_at IS NULL;
CREATE INDEX organizations_created_at_idx ON organization.organizations (created_at, id) WHERE deleted_at IS NULL;
CREATE INDEX organizations_updated_at_idx ON organization.organizations (updated_at, id) WHERE deleted_at IS NULL;

CREATE INDEX departments_organization_idx ON organization.departments (live_organization_id, id);
CREATE INDEX departments_name_idx ON organization.departments (name, id) WHERE deleted_at IS NULL;
CREATE INDEX departments_code_idx ON organization.departments ((coalesce(code, '')), id) WHERE deleted_at IS NULL;
CREATE INDEX departments_sort_order_idx ON organization.departments (sort_order, id) WHERE deleted_at IS NULL;
CREATE INDEX departments_created_at_idx ON organization.departments (created_at, id) WHERE deleted_at IS NULL;
CREATE INDEX departments_updated_at_idx ON organization.departments (updated_at, id) WHERE deleted_at IS NULL;
