-- What is kept of rights says when it was stored: a grant or a permission of a role begins and ends within the
-- transaction that says so, whoever writes it. A dump is restored before its triggers are, so that it stays as it was.
CREATE FUNCTION access.keep_grant_times() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF TG_OP = 'INSERT' AND NEW.granted_at NOT BETWEEN now() AND clock_timestamp() OR NEW.ended_at NOT BETWEEN now() AND clock_timestamp() THEN
        RAISE EXCEPTION 'grants are a ledger: granted_at and ended_at are when that was stored';
    END IF;
    RETURN NEW;
END
$$;
CREATE TRIGGER grants_times BEFORE INSERT OR UPDATE ON access.grants
    FOR EACH ROW EXECUTE FUNCTION access.keep_grant_times();

CREATE FUNCTION access.keep_role_permission_times() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF TG_OP = 'INSERT' AND NEW.added_at NOT BETWEEN now() AND clock_timestamp() OR NEW.removed_at NOT BETWEEN now() AND clock_timestamp() THEN
        RAISE EXCEPTION 'what roles held is kept: added_at and removed_at are when that was stored';
    END IF;
    RETURN NEW;
END
$$;
CREATE TRIGGER role_permissions_times BEFORE INSERT OR UPDATE ON access.role_permissions
    FOR EACH ROW EXECUTE FUNCTION access.keep_role_permission_times();
