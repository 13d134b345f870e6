ALTER TABLE identity.users
    DROP CONSTRAINT users_organization_fk,
    DROP CONSTRAINT users_department_fk,
    ADD CONSTRAINT users_organization_fk FOREIGN KEY (organization_id)
        REFERENCES organization.organizations (id) ON DELETE RESTRICT,
    ADD CONSTRAINT users_department_fk FOREIGN KEY (department_id)
        REFERENCES organization.departments (id) ON DELETE RESTRICT;
