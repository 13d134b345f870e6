-- Without deleted_at, the deleted ones would be there again.
DELETE FROM organization.departments WHERE deleted_at IS NOT NULL;
DELETE FROM organization.organizations WHERE deleted_at IS NOT NULL;

DROP INDEX organization.departments_children_idx, organization.departments_parent_idx,
    organization.departments_code_key, organization.departments_seen_code_key;
ALTER TABLE organization.departments
    DROP CONSTRAINT departments_organization_fk,
    DROP CONSTRAINT departments_parent_fk,
    DROP CONSTRAINT departments_live_id_organization_key,
    DROP COLUMN live_parent_id,
    DROP COLUMN live_organization_id,
    DROP COLUMN live_id,
    DROP COLUMN deleted_at,
    ADD CONSTRAINT departments_organization_fk FOREIGN KEY (organization_id)
        REFERENCES organization.organizations (id) ON DELETE RESTRICT,
    ADD CONSTRAINT departments_id_organization_key UNIQUE (id, organization_id),
    ADD CONSTRAINT departments_parent_fk FOREIGN KEY (parent_id, organization_id)
        REFERENCES organization.departments (id, organization_id) ON DELETE RESTRICT,
    ADD CONSTRAINT departments_code_key UNIQUE (organization_id, code);
CREATE UNIQUE INDEX departments_seen_code_key ON organization.departments (organization_id, seen_code);
CREATE INDEX departments_children_idx ON organization.departments (organization_id, parent_id, sort_order, id);
CREATE INDEX departments_parent_idx ON organization.departments (parent_id);

DROP INDEX organization.organizations_name_key, organization.organizations_seen_name_key;
ALTER TABLE organization.organizations
    DROP COLUMN live_id,
    DROP COLUMN deleted_at,
    ADD CONSTRAINT organizations_name_key UNIQUE (name);
CREATE UNIQUE INDEX organizations_seen_name_key ON organization.organizations (seen_name);
