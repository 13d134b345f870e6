DROP INDEX identity.users_created_at_idx, identity.users_updated_at_idx,
    identity.users_organization_email_idx, identity.users_organization_full_name_idx,
    identity.users_organization_created_at_idx, identity.users_organization_updated_at_idx,
    identity.users_department_email_idx, identity.users_department_full_name_idx,
    identity.users_department_created_at_idx, identity.users_department_updated_at_idx,
    identity.users_deactivated_idx, identity.users_organization_deactivated_idx, identity.users_department_deactivated_idx;
