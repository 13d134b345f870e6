-- Organizations and departments stay when they are deleted, as users and roles do: what refers to them can still say what
-- they were called. Their names and codes are free again.
--
-- Foreign keys refer to live_id, and are not checked for rows that are deleted themselves. So nothing that is live refers to
-- something deleted, whatever happens at the same moment: deleting a row that is in use violates the key as ever.
ALTER TABLE organization.organizations
    ADD COLUMN deleted_at timestamptz,
    ADD COLUMN live_id    bigint GENERATED ALWAYS AS (CASE WHEN deleted_at IS NULL THEN id END) STORED,
    ADD CONSTRAINT organizations_live_id_key UNIQUE (live_id),
    DROP CONSTRAINT organizations_name_key;
CREATE UNIQUE INDEX organizations_name_key ON organization.organizations (name) WHERE deleted_at IS NULL;
DROP INDEX organization.organizations_seen_name_key;
CREATE UNIQUE INDEX organizations_seen_name_key ON organization.organizations (seen_name) WHERE deleted_at IS NULL;

ALTER TABLE organization.departments
    DROP CONSTRAINT departments_organization_fk,
    DROP CONSTRAINT departments_parent_fk,
    DROP CONSTRAINT departments_id_organization_key,
    DROP CONSTRAINT departments_code_key,
    ADD COLUMN deleted_at           timestamptz,
    ADD COLUMN live_id              bigint GENERATED ALWAYS AS (CASE WHEN deleted_at IS NULL THEN id END) STORED,
    ADD COLUMN live_organization_id bigint GENERATED ALWAYS AS (CASE WHEN deleted_at IS NULL THEN organization_id END) STORED,
    ADD COLUMN live_parent_id       bigint GENERATED ALWAYS AS (CASE WHEN deleted_at IS NULL THEN parent_id END) STORED,
    ADD CONSTRAINT departments_live_id_key UNIQUE (live_id),
    ADD CONSTRAINT departments_organization_fk FOREIGN KEY (live_organization_id)
        REFERENCES organization.organizations (live_id) ON UPDATE RESTRICT ON DELETE RESTRICT,
    -- What the next key refers to: with the organization in it, a parent is always of the same organization.
    ADD CONSTRAINT departments_live_id_organization_key UNIQUE (live_id, organization_id),
    ADD CONSTRAINT departments_parent_fk FOREIGN KEY (live_parent_id, organization_id)
        REFERENCES organization.departments (live_id, organization_id) ON UPDATE RESTRICT ON DELETE RESTRICT;
CREATE UNIQUE INDEX departments_code_key ON organization.departments (organization_id, code) WHERE deleted_at IS NULL;
DROP INDEX organization.departments_seen_code_key;
CREATE UNIQUE INDEX departments_seen_code_key ON organization.departments (organization_id, seen_code) WHERE deleted_at IS NULL;

-- A tree is read by its organization, the children of a department in their order.
DROP INDEX organization.departments_children_idx, organization.departments_parent_idx;
CREATE INDEX departments_children_idx ON organization.departments (live_organization_id, live_parent_id, sort_order, id);
CREATE INDEX departments_parent_idx ON organization.departments (live_parent_id) WHERE live_parent_id IS NOT NULL;

COMMENT ON COLUMN organization.organizations.live_id IS 'The id, null of a deleted one: what the keys of live rows refer to.';
COMMENT ON COLUMN organization.departments.live_id IS 'The id, null of a deleted one: what the keys of live rows refer to.';
