//! What an algorithm says about itself, as in `wit/world.wit`.

use std::fmt;

use schemars::JsonSchema;

/// What an algorithm says about itself.
///
/// Built from [`Description::new`]; the other functions add to it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Description {
    /// The algorithm's name: lower-case letters, digits and hyphens.
    pub name: String,
    /// The algorithm's version, `major.minor.patch`.
    pub version: String,
    /// What it computes, in one sentence.
    pub summary: String,
    /// The roles; at least one.
    pub roles: Vec<Role>,
    /// The JSON Schema (draft 2020-12) of the arguments, as JSON text.
    pub arguments: String,
    /// The datasets that it reads.
    pub datasets: Vec<Dataset>,
    /// What it protects, and against whom.
    pub security: Security,
}

impl Description {
    /// Describes an algorithm without roles and datasets, which takes any arguments.
    ///
    /// Name and version are best `env!("CARGO_PKG_NAME")` and `env!("CARGO_PKG_VERSION")`.
    pub fn new(name: &str, version: &str, summary: &str, security: Security) -> Self {
        Self {
            name: name.to_owned(),
            version: version.to_owned(),
            summary: summary.to_owned(),
            roles: Vec::new(),
            arguments: "{}".to_owned(),
            datasets: Vec::new(),
            security,
        }
    }

    /// Adds a role.
    pub fn role(mut self, role: Role) -> Self {
        self.roles.push(role);
        self
    }

    /// Takes the schema of the arguments from their type.
    pub fn arguments<T: JsonSchema>(mut self) -> Self {
        self.arguments = schemars::schema_for!(T).as_value().to_string();
        self
    }

    /// Adds a dataset.
    pub fn dataset(mut self, dataset: Dataset) -> Self {
        self.datasets.push(dataset);
        self
    }
}

/// A role that parties play.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Role {
    /// The role's name, unique in the description.
    pub name: String,
    /// How many parties play it at the least.
    pub min_parties: u32,
    /// How many parties play it at the most; none means as many as the host allows.
    pub max_parties: Option<u32>,
    /// What a party in this role learns beyond its own data and arguments, in one sentence.
    pub learns: String,
}

impl Role {
    /// Describes a role that exactly one party plays.
    pub fn new(name: &str, learns: &str) -> Self {
        Self {
            name: name.to_owned(),
            min_parties: 1,
            max_parties: Some(1),
            learns: learns.to_owned(),
        }
    }

    /// Lets exactly this many parties play it.
    pub fn exactly(mut self, parties: u32) -> Self {
        (self.min_parties, self.max_parties) = (parties, Some(parties));
        self
    }

    /// Lets this many parties or more play it.
    pub fn at_least(mut self, parties: u32) -> Self {
        (self.min_parties, self.max_parties) = (parties, None);
        self
    }

    /// Lets at most this many parties play it.
    pub fn at_most(mut self, parties: u32) -> Self {
        self.max_parties = Some(parties);
        self
    }
}

/// A dataset that an algorithm reads.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Dataset {
    /// The name under which the algorithm reads it.
    pub name: String,
    /// The roles that read it; empty means all.
    pub roles: Vec<String>,
    /// The columns needed whatever the arguments say.
    pub columns: Vec<Column>,
    /// Whether the arguments name further columns.
    pub columns_by_argument: bool,
    /// Whether it may be a file instead of a table.
    pub file: bool,
}

impl Dataset {
    /// Describes a dataset that all roles read.
    pub fn new(name: &str) -> Self {
        Self {
            name: name.to_owned(),
            roles: Vec::new(),
            columns: Vec::new(),
            columns_by_argument: false,
            file: false,
        }
    }

    /// Lets this role read it, and only those that are added so.
    pub fn role(mut self, role: &str) -> Self {
        self.roles.push(role.to_owned());
        self
    }

    /// Adds a column that is needed whatever the arguments say.
    pub fn column(mut self, column: Column) -> Self {
        self.columns.push(column);
        self
    }

    /// Says that the arguments name further columns.
    pub fn columns_by_argument(mut self) -> Self {
        self.columns_by_argument = true;
        self
    }

    /// Says that it may be a file instead of a table: see [`Task::file`](crate::Task::file).
    pub fn or_file(mut self) -> Self {
        self.file = true;
        self
    }
}

/// The type of a dataset's column.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum ColumnType {
    /// Signed 64-bit integers.
    Int64,
    /// IEEE 754 double-precision numbers.
    Float64,
    /// UTF-8 text.
    Utf8,
    /// True or false.
    Boolean,
}

impl fmt::Display for ColumnType {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Int64 => "int64",
            Self::Float64 => "float64",
            Self::Utf8 => "utf8",
            Self::Boolean => "boolean",
        })
    }
}

/// A column of a dataset.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Column {
    /// The column's name.
    pub name: String,
    /// The type of its values.
    pub column_type: ColumnType,
    /// Whether it may have nulls.
    pub nullable: bool,
}

impl Column {
    /// Describes a column without nulls.
    pub fn new(name: &str, column_type: ColumnType) -> Self {
        Self { name: name.to_owned(), column_type, nullable: false }
    }

    /// Lets the column have nulls.
    pub fn nullable(mut self) -> Self {
        self.nullable = true;
        self
    }
}

/// Whom a protocol protects against.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum CorruptionModel {
    /// Corrupt parties follow the protocol and look at everything that they receive.
    SemiHonest,
    /// Corrupt parties may send anything at all.
    Malicious,
}

/// What a protocol protects, and against whom.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Security {
    /// What corrupt parties may do.
    pub corruption: CorruptionModel,
    /// Which parties may collude without learning more, in one sentence.
    pub collusion: String,
    /// What is revealed beyond the result (counts, sizes, order), in one sentence.
    pub leaks: String,
}

impl Security {
    /// Protects against parties that follow the protocol and look at everything that they receive.
    pub fn semi_honest(collusion: &str, leaks: &str) -> Self {
        Self {
            corruption: CorruptionModel::SemiHonest,
            collusion: collusion.to_owned(),
            leaks: leaks.to_owned(),
        }
    }

    /// Protects against parties that may send anything at all.
    pub fn malicious(collusion: &str, leaks: &str) -> Self {
        Self { corruption: CorruptionModel::Malicious, ..Self::semi_honest(collusion, leaks) }
    }
}
