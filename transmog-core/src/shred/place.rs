//! Locates a value while its record is shredded: the node of its path, its row, and how deep it is.

/// Position of a node in the shape of the records.
pub(super) type NodeId = usize;

/// Position of a table in the shape of the records.
pub(super) type TableId = usize;

/// Where a value belongs.
#[derive(Debug, Clone, Copy)]
pub(super) struct Place {
    pub(super) node: NodeId,
    pub(super) row: usize,
    /// Objects and items entered since the record.
    pub(super) depth: usize,
    /// Levels of objects, counted as the settings ask for.
    pub(super) level: usize,
    /// Level from which on objects are too deep.
    pub(super) limit: usize,
}

/// An item of an array, before it has a row.
#[derive(Debug, Clone, Copy)]
pub(super) struct Item {
    pub(super) table: TableId,
    /// The array.
    pub(super) node: NodeId,
    pub(super) parent_row: usize,
    pub(super) index: usize,
    pub(super) depth: usize,
    pub(super) level: usize,
    pub(super) limit: usize,
    /// True if only something below the items is selected: what is no object is left out.
    pub(super) way: bool,
}

impl Place {
    /// True if an object here must not become columns.
    pub(super) fn too_deep_for_object(self) -> bool {
        self.level + 1 >= self.limit
    }
}
