//! One metric after the other, with all its samples.

use std::fmt;

use prometheus_client::encoding::{
    DescriptorEncoder, EncodeGaugeValue, EncodeLabelSet, MetricEncoder, NoLabelSet,
};
use prometheus_client::metrics::MetricType;

use crate::activity::Histogram;

/// The labels of a metric with one sample.
pub(super) const NONE: [(&str, &str); 0] = [];

/// Writes metrics.
pub(super) struct Encoder<'a, 'b>(pub(super) &'a mut DescriptorEncoder<'b>);

impl Encoder<'_, '_> {
    fn begin<'s>(
        &'s mut self,
        name: &'s str,
        help: &str,
        metric_type: MetricType,
    ) -> Result<MetricEncoder<'s>, fmt::Error> {
        self.0.encode_descriptor(name, help, None, metric_type)
    }

    /// A counter; the format adds `_total` to its name.
    pub(super) fn counter<L: EncodeLabelSet>(
        &mut self,
        name: &str,
        help: &str,
        samples: impl IntoIterator<Item = (L, u64)>,
    ) -> fmt::Result {
        let mut metric = self.begin(name, help, MetricType::Counter)?;
        for (labels, value) in samples {
            let mut sample = metric.encode_family(&labels)?;
            sample.encode_counter::<NoLabelSet, _, u64>(&value, None)?;
        }
        Ok(())
    }

    /// A counter of seconds.
    pub(super) fn seconds(&mut self, name: &str, help: &str, value: f64) -> fmt::Result {
        let mut metric = self.begin(name, help, MetricType::Counter)?;
        metric.encode_counter::<NoLabelSet, _, u64>(&value, None)
    }

    /// A gauge.
    pub(super) fn gauge<L: EncodeLabelSet, V: EncodeGaugeValue>(
        &mut self,
        name: &str,
        help: &str,
        samples: impl IntoIterator<Item = (L, V)>,
    ) -> fmt::Result {
        let mut metric = self.begin(name, help, MetricType::Gauge)?;
        for (labels, value) in samples {
            metric.encode_family(&labels)?.encode_gauge(&value)?;
        }
        Ok(())
    }

    /// A histogram of durations.
    pub(super) fn histogram(
        &mut self,
        name: &str,
        help: &str,
        durations: &Histogram,
    ) -> fmt::Result {
        let count = durations.count();
        let bounds = durations.cumulative();
        let bounds = bounds.map(|(bound, up_to)| (bound.as_secs_f64(), up_to));
        let mut below = 0;
        // The format adds them up again.
        let buckets: Vec<_> = bounds
            .chain([(f64::INFINITY, count)])
            .map(|(bound, up_to)| (bound, up_to - std::mem::replace(&mut below, up_to)))
            .collect();
        let mut metric = self.begin(name, help, MetricType::Histogram)?;
        let sum = durations.sum().as_secs_f64();
        metric.encode_histogram::<NoLabelSet>(sum, count, &buckets, None)
    }

    /// What never changes, as labels; the format adds `_info` to its name.
    pub(super) fn info(
        &mut self,
        name: &str,
        help: &str,
        labels: &impl EncodeLabelSet,
    ) -> fmt::Result {
        self.begin(name, help, MetricType::Info)?
            .encode_info(labels)
    }
}
